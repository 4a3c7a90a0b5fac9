import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs, defaultBackoff } from '../../src/index.ts';

const delay = (failedRounds: number, random: number, hintMs: number | null = null): number => backoffDelayMs(defaultBackoff, failedRounds, random, hintMs);

describe('the wait before another round', () => {
  it('is anywhere up to a bound that doubles with each failed round, up to a cap', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100, 2000].map((round) => delay(round, 0.5))).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
    expect(delay(3, 0)).toBe(0);
  });

  it('is at least what the server asked for, spread, but no longer than the cap on hints and half of it', () => {
    expect(delay(1, 0, 5000)).toBe(5000);
    expect(delay(1, 0.5, 5000)).toBe(5500);
    expect(delay(9, 0.99, 5000)).toBe(7500);
    expect(delay(1, 0, 1e12)).toBe(300_000);
  });

  it('does not let a hint that makes no sense do anything', () => {
    for (const hintMs of [0, -1, Number.NaN]) expect(delay(2, 0.5, hintMs)).toBe(1000);
  });

  it('is always a bounded, finite time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.option(fc.double()), (rounds, random, hintMs) => {
        const waitMs = delay(rounds, random, hintMs);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(defaultBackoff.hintCapMs * 1.5);
      }),
    );
  });
});
