import { expect, it } from 'vitest';
import { LentBytes } from '../../src/compliance/lent.ts';

it('slices as a Node Buffer does, into the same memory', () => {
  const lent = LentBytes.from([1, 2, 3, 4]);
  const kept = [lent.slice(), lent.slice(1, 3), Buffer.from(lent.buffer).slice(1, 3)];
  lent.fill(9);
  expect(kept.map((bytes) => [...bytes])).toEqual([[9, 9, 9, 9], [9, 9], [9, 9]]);
});
