// A brigade in a pool of its own for each test, and the check afterwards that nothing is left of either.

import { afterEach, beforeEach, expect } from 'vitest';
import { Brigade, Pool } from '../src/index.ts';

export let root: Pool;
export let pool: Pool;
export let brigade: Brigade;

/** Called once by a test file: `root`, `pool` and `brigade` are new for each of its tests. */
export function useFreshBrigade(): void {
  beforeEach(() => {
    root = new Pool('root', { slabBytes: 4096 });
    pool = root.subpool('connection');
    brigade = new Brigade(pool);
  });

  afterEach(() => {
    pool.destroy();
    expect(root.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(root.arena.busySlabs).toBe(0);
  });
}
