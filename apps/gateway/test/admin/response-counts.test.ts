import { expect, it } from 'vitest';
import { ResponseCounts } from '../../src/admin/response-counts.ts';

it('counts each status by itself', () => {
  const counts = new ResponseCounts();
  for (const status of [200, 429, 200]) counts.count(status);
  expect([...counts.statuses()].map((status) => [status, counts.of(status)])).toEqual([
    [200, 2],
    [429, 1],
  ]);
  expect(counts.of(500)).toBe(0);
});
