import { describe, expect, it } from 'vitest';
import { heapBytes, Pool } from '../../src/index.ts';
import { copyInto, heapFilled } from '../../src/buckets/heap.ts';
import { bytesOf, textOf } from '../sources.ts';

describe('heap', () => {
  it('owns a copy of a span of the bytes', () => {
    const pool = new Pool('root');
    const source = bytesOf('hello, world');
    const bucket = heapBytes(pool, source, 7, 12);
    source.fill(0);
    expect(textOf((bucket.bytes as Uint8Array).slice(bucket.start, bucket.start + bucket.length))).toBe('world');
    bucket.release();
  });

  it('copies spans of any length', () => {
    const from = Uint8Array.from({ length: 200 }, (_, i) => i + 1);
    for (let length = 0; length <= 200; length++) {
      for (const start of [0, 200 - length]) {
        const into = new Uint8Array(210);
        copyInto(from, start, into, 5, length);
        expect([...into.subarray(5, 5 + length)]).toEqual([...from.subarray(start, start + length)]);
        expect([into[4], into[5 + length]]).toEqual([0, 0]);
      }
    }
  });

  it('gives back what a filler did not use', () => {
    const pool = new Pool('root', { slabBytes: 1024 });
    const first = heapFilled(pool, 200, (into, start) => {
      into.set(bytesOf('abc'), start);
      return 3;
    });
    expect(heapBytes(pool, bytesOf('x')).start).toBe(3);
    expect(typeof first === 'number' ? first : first.length).toBe(3);
    expect(heapFilled(pool, 200, () => -1)).toBe(-1);
    expect(pool.outstanding().bytes).toBe(4);
  });

  it('never gives a filler the bytes of somebody who writes meanwhile', () => {
    const pool = new Pool('root', { slabBytes: 1024 });
    let inner = heapBytes(pool, bytesOf('?'));
    const outer = heapFilled(pool, 100, (into, start) => {
      into.set(bytesOf('outer'), start);
      inner = heapBytes(pool, bytesOf('inner'));
      return 5;
    });
    if (typeof outer === 'number') throw new Error('nothing filled');
    expect(inner.start).toBeGreaterThanOrEqual(outer.start + 100);
    expect(textOf((outer.bytes as Uint8Array).slice(outer.start, outer.start + 5))).toBe('outer');
    expect(heapBytes(pool, bytesOf('next')).start).toBe(inner.start + 5);
  });

  it('leaves nothing behind when a filler throws', () => {
    const pool = new Pool('root');
    const fail = (): number => {
      throw new Error('disk');
    };
    expect(() => heapFilled(pool, 100, fail)).toThrow('disk');
    expect(pool.outstanding().bytes).toBe(0);
    expect(pool.arena.busySlabs).toBe(0);
  });
});
