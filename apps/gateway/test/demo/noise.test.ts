import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Noise, maxSeed } from '../../src/demo/noise.ts';

const draws = (seed: number, bound: number, count = 200): number[] => {
  const noise = new Noise(seed);
  return Array.from({ length: count }, () => noise.below(bound));
};

describe('noise', () => {
  it('comes again from the same seed, is another from another, and stays within its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxSeed }), fc.integer({ min: 1, max: maxSeed }), fc.integer({ min: 256, max: 65_536 }), (seed, other, bound) => {
        fc.pre(seed !== other);
        const drawn = draws(seed, bound);
        expect(draws(seed, bound)).toEqual(drawn);
        expect(draws(other, bound)).not.toEqual(drawn);
        for (const value of drawn) expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
      }),
    );
  });

  it('uses all values about alike', () => {
    const counts = new Uint32Array(16);
    for (const value of draws(12_345, 16, 16_000)) counts[value]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  it.each([0, -1, 1.5, NaN, maxSeed + 1])('has no seed %d', (seed) => expect(() => new Noise(seed)).toThrow(RangeError));
});
