import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pageModule } from './modules.ts';

const { retryDelayMs } = await pageModule('backoff');

it('waits between half and all of a doubling time, at most 15 s', () => {
  const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat({ max: 10_000 }), fraction, (attempt, random) => {
      const fullMs = Math.min(15_000, 500 * 2 ** Math.min(attempt, 30));
      const delayMs = retryDelayMs(attempt, () => random);
      expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(delayMs).toBeLessThanOrEqual(fullMs);
    }),
  );
  expect([0, 1, 2, 3, 4, 5, 6].map((attempt) => retryDelayMs(attempt, () => 0))).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500]);
});
