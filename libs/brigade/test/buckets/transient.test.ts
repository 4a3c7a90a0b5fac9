import { describe, expect, it } from 'vitest';
import { Brigade, Pool, transientBytes } from '../../src/index.ts';
import { bytesOf, textIn } from '../sources.ts';

describe('transient', () => {
  it('refers to the lender’s bytes, which are nobody’s charge', () => {
    const pool = new Pool('root');
    const lent = bytesOf('lent');
    const brigade = new Brigade(pool);
    brigade.append(transientBytes(lent, 1, 3));
    lent[1] = 0x45;
    expect(textIn(brigade)).toBe('En');
    expect([brigade.memoryBytes, pool.outstanding().bytes, pool.arena.busySlabs]).toEqual([2, 0, 0]);
  });
});
