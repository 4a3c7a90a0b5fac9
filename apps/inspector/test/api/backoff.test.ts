import { expect, it } from 'vitest';
import { retryDelayMs } from '../../src/api/backoff.ts';

it('doubles up to a cap, between half and all of it', () => {
  expect([0, 1, 2, 3, 4, 5, 1000].map((attempt) => retryDelayMs(attempt, 1))).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  expect(retryDelayMs(0, 0)).toBe(250);
});
