import { describe, expect, it } from 'vitest';
import { Pattern, seededRandom } from '../../src/compliance/pattern.ts';

describe('the pattern', () => {
  it('is the same from any position on', () => {
    const pattern = new Pattern(7);
    const whole = pattern.slice(0, 200_000);
    for (const [from, length] of [[0, 1], [65_520, 3], [130_000, 70_000], [199_999, 1]]) {
      expect(pattern.slice(from, length)).toEqual(whole.slice(from, from + length));
      expect(pattern.mismatch(from, whole, from, from + length)).toBe(-1);
    }
  });

  it('finds the first wrong byte: changed, lost or doubled', () => {
    const pattern = new Pattern(7);
    const changed = pattern.slice(0, 100_000);
    changed[77_777] ^= 1;
    expect(pattern.mismatch(0, changed, 0, 100_000)).toBe(77_777);
    const lost = pattern.slice(1, 1000);
    expect(pattern.mismatch(0, lost, 0, 1000)).toBeGreaterThanOrEqual(0);
    expect(pattern.mismatch(0, lost, 0, 1000)).toBeLessThan(5);
  });

  it('differs between seeds, and random numbers repeat for one', () => {
    expect(new Pattern(1).slice(0, 16)).not.toEqual(new Pattern(2).slice(0, 16));
    const [first, second] = [seededRandom(5), seededRandom(5)];
    for (let count = 0; count < 100; count++) expect(first()).toBe(second());
  });
});
