import { describe, expect, it } from 'vitest';
import { Brigade, type Bucket, fileBucket, heapBytes, makeEos, makeError, makeFlush, makeSent, Pool, shareBytes, streamBucket, transientBytes, UsageError } from '../src/index.ts';
import { bytesOf, MemoryFile, Pieces, textIn, textOf } from './sources.ts';

function textOfBucket(bucket: Bucket): string {
  return textOf((bucket.bytes as Uint8Array).slice(bucket.start, bucket.start + bucket.length));
}

describe('split', () => {
  it('cuts every kind of bytes in two', () => {
    const pool = new Pool('root');
    const handle = new MemoryFile('alphabeta').open(pool);
    const makers = [() => heapBytes(pool, bytesOf('alphabeta')), () => shareBytes(pool, bytesOf('alphabeta')), () => transientBytes(bytesOf('__alphabeta_'), 2, 11), () => fileBucket(handle, 0, 9)];
    const brigade = new Brigade(pool);
    for (const make of makers) {
      const first = make();
      const second = first.split(5);
      expect([first.length, second.length, second.type]).toEqual([5, 4, first.type]);
      brigade.append(first);
      brigade.append(second);
    }
    expect(textIn(brigade)).toBe('alphabeta'.repeat(4));
    expect(pool.outstanding()).toEqual({ bytes: 18, handles: 1 });
    const betas = new Brigade(pool);
    while (!brigade.isEmpty) {
      (brigade.shift() as Bucket).destroy();
      betas.append(brigade.shift() as Bucket);
    }
    expect(textIn(betas)).toBe('beta'.repeat(4));
    expect(pool.outstanding().bytes).toBe(8);
    betas.destroy();
    handle.release();
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('cuts at either end, even a shared one', () => {
    const pool = new Pool('root');
    const frame = shareBytes(pool, bytesOf('abc'));
    const all = frame.split(0);
    expect([frame.length, textOfBucket(all)]).toEqual([0, 'abc']);
    const none = all.split(3);
    expect([none.length, textOfBucket(all)]).toEqual([0, 'abc']);
    expect(pool.outstanding().bytes).toBe(3);
    for (const bucket of [frame, all, none]) bucket.release();
    expect(pool.arena.busySlabs).toBe(0);
  });

  it('refuses what cannot be cut', () => {
    const pool = new Pool('root');
    const frame = shareBytes(pool, bytesOf('abc'));
    expect(() => frame.split(4)).toThrow(UsageError);
    expect(() => frame.split(-1)).toThrow(UsageError);
    frame.retain();
    expect(() => frame.split(1)).toThrow(UsageError);
    for (const mark of [makeFlush(), makeError(500, new Error('x')), makeSent(() => {})]) expect(() => mark.split(0)).toThrow(UsageError);
    expect(() => makeEos().split(0)).toThrow(UsageError);
    expect(() => streamBucket(new Pieces()).split(0)).toThrow(UsageError);
  });
});

describe('copy', () => {
  it('shares the bytes, and lives on its own', () => {
    const pool = new Pool('root');
    const handle = new MemoryFile('abc').open(pool);
    const brigade = new Brigade(pool);
    for (const bucket of [heapBytes(pool, bytesOf('abc')), transientBytes(bytesOf('abc')), fileBucket(handle, 0, 3), shareBytes(pool, bytesOf('abc'))]) {
      brigade.append(bucket.copy());
      bucket.release();
    }
    handle.release();
    expect(textIn(brigade)).toBe('abc'.repeat(4));
    brigade.destroy();
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(pool.arena.busySlabs).toBe(0);
  });

  it('of what never changes is one more reference', () => {
    const frame = shareBytes(new Pool('root'), bytesOf('abc'));
    const error = makeError(500, new Error('x'));
    for (const bucket of [frame, error, makeEos(), makeFlush()]) expect(bucket.copy()).toBe(bucket);
    expect(frame.refs).toBe(2);
  });

  it('is refused where there can be only one', () => {
    expect(() => makeSent(() => {}).copy()).toThrow(UsageError);
    expect(() => streamBucket(new Pieces()).copy()).toThrow(UsageError);
  });
});

describe('setaside', () => {
  it('copies a transient bucket into the pool, in place', () => {
    const pool = new Pool('root');
    const lent = bytesOf('lent');
    const bucket = transientBytes(lent, 1);
    bucket.setaside(pool);
    lent.fill(0);
    expect([bucket.type.name, textOfBucket(bucket)]).toEqual(['heap', 'ent']);
    expect(pool.outstanding().bytes).toBe(3);
    bucket.release();
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('refuses to change a bucket that others hold', () => {
    expect(() => transientBytes(bytesOf('x')).retain().setaside(new Pool('root'))).toThrow(UsageError);
  });
});
