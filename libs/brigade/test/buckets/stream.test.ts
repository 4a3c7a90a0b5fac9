import { describe, expect, it } from 'vitest';
import { Brigade, Pool, streamBucket, streamSource } from '../../src/index.ts';
import { Pieces } from '../sources.ts';

describe('stream', () => {
  it('has no known length, is counted as a handle, and closes its source once', () => {
    const root = new Pool('root');
    const pool = root.subpool();
    const source = new Pieces('abc');
    const brigade = new Brigade(pool);
    brigade.write(new Uint8Array(5));
    brigade.append(streamBucket(source, pool));
    expect([brigade.length, brigade.memoryBytes]).toEqual([-1, 5]);
    expect(streamSource(brigade.at(1))).toBe(source);
    expect(root.outstanding().handles).toBe(1);
    pool.destroy();
    expect(source.closed).toBe(1);
    expect(root.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('is charged to nobody without a pool', () => {
    const source = new Pieces();
    streamBucket(source).release();
    expect(source.closed).toBe(1);
  });

  it('passes on what its source throws, and keeps its place', () => {
    const pool = new Pool('root');
    const brigade = new Brigade(pool);
    const source = Object.assign(new Pieces(), {
      read(): number {
        throw new Error('ECONNRESET');
      },
    });
    brigade.append(streamBucket(source, pool));
    expect(() => brigade.read(0)).toThrow('ECONNRESET');
    expect([brigade.count, pool.outstanding().bytes]).toEqual([1, 0]);
    brigade.destroy();
    expect(source.closed).toBe(1);
  });
});
