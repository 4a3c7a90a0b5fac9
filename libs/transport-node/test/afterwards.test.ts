import { Brigade, heapBytes, makeEos, makeSent, Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { Afterwards } from '../src/afterwards.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Afterwards', () => {
  it('runs SENT marks in order, once the current callback is over', async () => {
    const afterwards = new Afterwards(new Pool());
    const told: string[] = [];
    afterwards.pass(makeSent((error) => told.push(`one ${String(error)}`)));
    afterwards.pass(makeEos());
    afterwards.pass(makeSent(() => {
      told.push('two');
      afterwards.pass(makeSent(() => told.push('three')));
    }));
    expect(told).toEqual([]);
    await nextTurn();
    expect(told).toEqual(['one null', 'two', 'three']);
  });

  it('empties a dropped brigade at once, and tells its marks the error later', async () => {
    const pool = new Pool();
    const afterwards = new Afterwards(pool);
    const told: (Error | null)[] = [];
    const brigade = new Brigade(pool);
    brigade.append(heapBytes(pool, new Uint8Array(5)));
    brigade.append(makeSent((error) => told.push(error)));
    const reason = new Error('gone');
    afterwards.drop(brigade, reason);
    expect(brigade.isEmpty).toBe(true);
    expect(told).toEqual([]);
    await nextTurn();
    expect(told).toEqual([reason]);
    expect(pool.outstanding().bytes).toBe(0);
  });
});
