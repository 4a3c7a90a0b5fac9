import { expect, it } from 'vitest';
import { Reloads } from '../../src/admin/reloads.ts';

it('keeps the time of the last accepted configuration when one is rejected', () => {
  const reloads = new Reloads(1000);
  reloads.rejected();
  expect(reloads).toMatchObject({ isLastAccepted: false, acceptedMs: 1000, failures: 1 });
  reloads.accepted(3000);
  expect(reloads).toMatchObject({ isLastAccepted: true, acceptedMs: 3000, failures: 1 });
});
