import { describe, expect, it } from 'vitest';
import { Brigade, type Bucket, heapBytes, Pool, shareBytes, type Slab } from '../src/index.ts';
import { bytesOf } from './sources.ts';

function slabOf(bucket: Bucket): Slab {
  return bucket.slab as Slab;
}

describe('slabs', () => {
  it('come from the function that is passed in, and go back to the one that is passed in', () => {
    const out = new Set<Uint8Array>();
    const pool = new Pool('root', {
      slabBytes: 1024,
      maxFreeSlabs: 2,
      allocateSlab(bytes) {
        const slab = new Uint8Array(bytes);
        out.add(slab);
        return slab;
      },
      freeSlab: (slab) => expect(out.delete(slab)).toBe(true),
    });
    const brigade = new Brigade(pool);
    brigade.write(new Uint8Array(10_000));
    expect(out.size).toBe(10);
    expect(pool.arena.busySlabs).toBe(10);
    brigade.destroy();
    // Two on the free list, and the tail.
    expect([pool.arena.busySlabs, pool.arena.idleSlabs, out.size]).toEqual([0, 3, 3]);
    brigade.write(new Uint8Array(3000));
    expect(out.size).toBe(3);
    brigade.reserve(2000);
    expect(out.size).toBe(4);
    pool.destroy();
    expect(out.size).toBe(0);
  });

  it('are freed by the last bucket when the root pool went before it', () => {
    const freed: Uint8Array[] = [];
    const pool = new Pool('root', { slabBytes: 1024, freeSlab: (slab) => freed.push(slab) });
    const bucket = heapBytes(pool, bytesOf('late'));
    const frame = shareBytes(pool, bytesOf('later'));
    pool.destroy();
    expect(freed.length).toBe(0);
    bucket.release();
    frame.release();
    expect(freed.length).toBe(2);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('start over when their last bucket goes, and not before', () => {
    const pool = new Pool('root', { slabBytes: 1024 });
    const first = heapBytes(pool, bytesOf('first'));
    const second = heapBytes(pool, bytesOf('second'));
    const slab = slabOf(first);
    expect(slabOf(second)).toBe(slab);
    first.release();
    expect(heapBytes(pool, bytesOf('x')).start).toBe(11);
    expect(slab.used).toBe(12);
    const other = new Pool('other', { slabBytes: 1024 });
    const only = heapBytes(other, bytesOf('only'));
    only.release();
    expect(heapBytes(other, bytesOf('y')).start).toBe(0);
  });

  it('have an identity that lasts as long as their memory', () => {
    const pool = new Pool('root', { slabBytes: 64 });
    const seen = new Map<number, Uint8Array>();
    const brigade = new Brigade(pool);
    for (let i = 0; i < 200; i++) {
      brigade.write(bytesOf('0123456789abcdefghij'));
      const { id, bytes } = slabOf(brigade.last() as Bucket);
      expect(seen.get(id) ?? bytes).toBe(bytes);
      seen.set(id, bytes);
      if (i % 5 === 4) brigade.consume(60);
      if (i % 50 === 49) brigade.destroy();
    }
    expect(seen.size).toBeGreaterThan(1);
    brigade.destroy();
  });

  it('keep long-lived buckets apart from what connections write', () => {
    const pool = new Pool('root');
    const written = heapBytes(pool, bytesOf('a'));
    const frame = shareBytes(pool, bytesOf('b'));
    expect(slabOf(frame)).not.toBe(slabOf(written));
    written.release();
    expect(pool.arena.busySlabs).toBe(1);
    frame.release();
    expect(pool.arena.busySlabs).toBe(0);
  });

  it('give what is too long to be packed a block of its own', () => {
    const pool = new Pool('root', { slabBytes: 1024 });
    const small = heapBytes(pool, new Uint8Array(250));
    const more = Array.from({ length: 3 }, () => heapBytes(pool, new Uint8Array(250)));
    const large = heapBytes(pool, new Uint8Array(300));
    expect(slabOf(large).bytes.length).toBe(300);
    const shared = shareBytes(pool, new Uint8Array(5000));
    expect(slabOf(shared).bytes.length).toBe(5000);
    for (const bucket of [small, ...more, large, shared]) bucket.release();
    // Only the tail is kept: blocks of their own are not.
    expect([pool.arena.busySlabs, pool.arena.idleSlabs]).toEqual([0, 1]);
  });
});
