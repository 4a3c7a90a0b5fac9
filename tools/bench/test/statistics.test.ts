import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, spread } from '../src/statistics.ts';

const samples = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 });

describe('median', () => {
  it('is the middle sample, or the mean of the two in the middle', () => {
    expect(median([5])).toBe(5);
    expect(median([9, 1, 4])).toBe(4);
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  it('has as many samples above as below, and leaves them as they were', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const copy = [...values];
        const middle = median(values);
        expect(values).toEqual(copy);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  it('refuses to answer for nothing', () => {
    expect(() => median([])).toThrow('no samples');
  });
});

describe('spread', () => {
  it('is the largest distance from the median as a part of it', () => {
    expect(spread([10, 11, 8])).toBeCloseTo(0.2);
    expect(spread([3])).toBe(0);
    expect(spread([0, 0])).toBe(0);
  });
});
