import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Brigade, type Bucket, heapBytes, Pool, setDebug, type Slab } from '../src/index.ts';
import { bytesOf } from './sources.ts';

beforeEach(() => setDebug(true));
afterEach(() => setDebug(true));

describe('debug mode', () => {
  it('poisons memory that nobody refers to any more', () => {
    const pool = new Pool('root');
    const bucket = heapBytes(pool, bytesOf('secret'));
    const { bytes } = bucket.slab as Slab;
    bucket.release();
    expect([...bytes.subarray(0, 7)]).toEqual([0xdb, 0xdb, 0xdb, 0xdb, 0xdb, 0xdb, 0]);
  });

  it('catches a double release, a late retain, and a dead bucket on its way into a brigade', () => {
    const pool = new Pool('root');
    const bucket = heapBytes(pool, bytesOf('abc'));
    bucket.release();
    expect(() => bucket.release()).toThrow('bucket.refs > 0');
    expect(() => bucket.retain()).toThrow('bucket.refs > 0');
    expect(() => new Brigade(pool).append(bucket)).toThrow('bucket.refs > 0');
  });

  it('catches a bucket that is changed behind its brigade', () => {
    const brigade = new Brigade(new Pool('root'));
    brigade.write(bytesOf('abcdef'));
    (brigade.first() as Bucket).split(3);
    expect(() => brigade.write(bytesOf('x'))).toThrow('the sums are those of the entries');
  });

  it('off, neither checks nor poisons', () => {
    setDebug(false);
    const pool = new Pool('root');
    const bucket = heapBytes(pool, bytesOf('abc'));
    const { bytes } = bucket.slab as Slab;
    bucket.release();
    bucket.release();
    expect([...bytes.subarray(0, 3)]).toEqual([...bytesOf('abc')]);
    expect(pool.outstanding().bytes).toBe(0);
  });
});
