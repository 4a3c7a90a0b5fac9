import { describe, expect, it } from 'vitest';
import { Random } from '../src/index.ts';

const draw = (random: Random): number[] => Array.from({ length: 50 }, () => random.next());

describe('random numbers', () => {
  it('repeat for a seed and stream, and differ between seeds and between streams', () => {
    expect(draw(new Random(5, 3))).toEqual(draw(new Random(5, 3)));
    expect(draw(new Random(5, 3))).not.toEqual(draw(new Random(6, 3)));
    expect(draw(new Random(5, 3))).not.toEqual(draw(new Random(5, 4)));
  });

  it('stay below their limit and reach all of it', () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('come true as often as asked', () => {
    const random = new Random(2);
    const count = Array.from({ length: 10_000 }, () => random.chance(0.3)).filter(Boolean).length;
    expect(Math.abs(count - 3000)).toBeLessThan(200);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });
});
