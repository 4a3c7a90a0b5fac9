import { describe, expect, it } from 'vitest';
import { forEachSeed, forEachSeedAsync, SeedFailure } from '../src/index.ts';

describe('running for many seeds', () => {
  it('visits each, in order', async () => {
    const visited: number[] = [];
    forEachSeed({ from: 3, count: 4 }, (seed) => void visited.push(seed));
    await forEachSeedAsync({ from: 10, count: 2 }, async (seed) => void visited.push(seed));
    expect(visited).toEqual([3, 4, 5, 6, 10, 11]);
  });

  it('stops at the first failure, names its seed and keeps its cause', async () => {
    const cause = new Error('went wrong');
    const fail = (seed: number): void => {
      if (seed >= 7) throw cause;
    };
    const caught = ((): unknown => {
      try {
        forEachSeed({ from: 0, count: 100 }, fail);
      } catch (error) {
        return error;
      }
      return null;
    })();
    expect(caught).toBeInstanceOf(SeedFailure);
    expect((caught as SeedFailure).seed).toBe(7);
    expect((caught as SeedFailure).cause).toBe(cause);
    expect((caught as SeedFailure).message).toMatch(/seed 7.*from: 7.*went wrong/);
    await expect(forEachSeedAsync({ from: 0, count: 100 }, async (seed) => fail(seed))).rejects.toThrow(/seed 7 /);
  });
});
