import { describe, expect, it } from 'vitest';
import { type Bucket, makeFlush, makeSent, streamBucket, TruncatedError, UsageError } from '../src/index.ts';
import { brigade, pool, useFreshBrigade } from './fresh-brigade.ts';
import { bytesOf, fill, MemoryFile, Pieces, textIn, textOf } from './sources.ts';

useFreshBrigade();

describe('flatten, gather, iovec', () => {
  it('flattens without consuming, up to a limit', () => {
    fill(brigade, 'hello, ', 'world');
    expect(textIn(brigade)).toBe('hello, world');
    expect(textOf(brigade.flatten(9))).toBe('hello, wo');
    expect(brigade.length).toBe(12);
  });

  it('flattens files in any order', () => {
    const file = new MemoryFile('worldhellobrave ,\n');
    const handle = file.open(pool);
    for (const [offset, length] of [[5, 5], [16, 1], [15, 1], [10, 5], [15, 1], [0, 5], [17, 1]] as const) brigade.insertFile(handle, offset, length);
    handle.release();
    expect(brigade.count).toBe(7);
    expect(textIn(brigade)).toBe('hello, brave world\n');
    expect(pool.outstanding().handles).toBe(1);
    expect(file.closed).toBe(0);
    brigade.destroy();
    expect(file.closed).toBe(1);
  });

  it('says so when a stream has nothing yet, or a file has become too short', () => {
    brigade.append(streamBucket(new Pieces('abc', '', 'def'), pool));
    expect(() => brigade.flatten()).toThrow(UsageError);
    expect(textIn(brigade)).toBe('abcdef');
    const file = new MemoryFile('hello');
    const handle = file.open(pool);
    brigade.insertFile(handle, 0, 5);
    handle.release();
    file.content = new Uint8Array(2);
    expect(() => brigade.flatten()).toThrow(TruncatedError);
  });

  it('gathers leading memory up to a file, a stream or a SENT mark', () => {
    const into = new Uint8Array(16);
    fill(brigade, 'abc');
    brigade.append(makeFlush());
    brigade.write(bytesOf('def'));
    brigade.append(makeSent(() => {}));
    brigade.write(bytesOf('ghi'));
    expect(brigade.gather(into, 1, 15)).toBe(6);
    expect(textOf(into.subarray(1, 7))).toBe('abcdef');
    expect(brigade.gather(into, 0, 4)).toBe(4);
    expect(brigade.length).toBe(9);
    const vector: Bucket[] = [];
    expect(brigade.iovec(vector, 8)).toBe(2);
    expect(vector.map((bucket) => bucket.length)).toEqual([3, 3]);
    expect(brigade.iovec(vector, 1)).toBe(1);
  });
});
