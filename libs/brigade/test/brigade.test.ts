import { describe, expect, it } from 'vitest';
import { Brigade, type Bucket, fileBucket, heapBytes, makeEos, makeError, makeFlush, makeSent, NotSentError, Pool, shareBytes, streamBucket, transientBytes, TruncatedError, UsageError } from '../src/index.ts';
import { brigade, pool, root, useFreshBrigade } from './fresh-brigade.ts';
import { bytesOf, fill, MemoryFile, namesIn, Pieces, textIn, textOf } from './sources.ts';

useFreshBrigade();

describe('write', () => {
  it('packs 3,000 small writes into as few buckets as there are slabs', () => {
    for (let i = 0; i < 3000; i++) brigade.write(bytesOf('hello\0'));
    expect(brigade.length).toBe(18_000);
    expect(brigade.count).toBe(Math.ceil(18_000 / 4096));
    expect(textIn(brigade)).toBe('hello\0'.repeat(3000));
  });

  it('does not write into the second half of a bucket that was split', () => {
    brigade.append(heapBytes(pool, bytesOf('hello, world')));
    expect(brigade.partition(7)).toBe(1);
    const rest = brigade.splitAt(1);
    brigade.write(bytesOf('foo'));
    expect(textIn(rest)).toBe('world');
    expect(textIn(brigade)).toBe('hello, foo');
  });

  it('does not write into what a copy or another brigade refers to', () => {
    brigade.write(bytesOf('abc'));
    const copy = brigade.at(0).copy();
    const other = new Brigade(pool);
    other.write(bytesOf('xyz'));
    brigade.write(bytesOf('def'));
    other.append(copy);
    other.write(bytesOf('ghi'));
    expect(textIn(brigade)).toBe('abcdef');
    expect(textIn(other)).toBe('xyzabcghi');
  });

  it('does not extend a bucket that somebody else holds too', () => {
    brigade.write(bytesOf('abc'));
    const held = brigade.at(0).retain();
    brigade.write(bytesOf('def'));
    expect([brigade.count, held.length]).toEqual([2, 3]);
    held.release();
  });

  it('lets many brigades share one slab', () => {
    const many = Array.from({ length: 50 }, () => new Brigade(root.subpool()));
    for (const one of many) one.write(bytesOf('small'));
    expect(root.arena.busySlabs).toBe(1);
    for (const one of many) one.pool.destroy();
  });

  it('writes spans, whole or across slabs', () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
    brigade.write(bytes, 3, 5);
    brigade.write(bytes, 5, 9999);
    brigade.write(bytes, 7, 7);
    expect(brigade.flatten()).toEqual(bytes.slice(3, 9999));
  });

  it('reserves in one piece, in a block of its own when it is long', () => {
    brigade.write(bytesOf('a'));
    const at = brigade.reserve(2);
    brigade.reserved.set(bytesOf('bc'), at);
    expect(brigade.count).toBe(1);
    expect(textIn(brigade)).toBe('abc');
    const far = brigade.reserve(5000);
    expect(brigade.reserved.length - far).toBeGreaterThanOrEqual(5000);
    brigade.reserved.fill(0x64, far, far + 5000);
    expect(textIn(brigade)).toBe(`abc${'d'.repeat(5000)}`);
    expect(() => brigade.reserve(0)).toThrow(UsageError);
  });

  it('writes ISO 8859-1 text and refuses what is none, leaving nothing behind', () => {
    const freed: number[] = [];
    const own = new Pool('own', { slabBytes: 256, freeSlab: (slab) => freed.push(slab.length) });
    const output = new Brigade(own);
    output.writeLatin1('caf\u00e9\r\n');
    expect([...output.flatten()]).toEqual([0x63, 0x61, 0x66, 0xe9, 13, 10]);
    // U+010A would become LF if its high byte were dropped.
    expect(() => output.writeLatin1('a\u010ab')).toThrow(UsageError);
    expect(() => output.writeLatin1(`${'x'.repeat(300)}\u010a`)).toThrow(UsageError);
    expect(freed).toEqual([301]);
    output.writeLatin1('');
    output.writeLatin1('y'.repeat(300));
    expect(output.length).toBe(306);
    own.destroy();
    expect(freed.sort()).toEqual([256, 300, 301]);
  });

  it('refuses a destroyed pool before it takes memory', () => {
    const gone = root.subpool('gone');
    const late = new Brigade(gone);
    gone.destroy();
    expect(() => late.write(bytesOf('a'))).toThrow(UsageError);
    expect(() => late.writeLatin1('a')).toThrow(UsageError);
    expect(() => late.reserve(1)).toThrow(UsageError);
    expect(() => late.append(makeEos())).toThrow(UsageError);
  });
});

describe('partition', () => {
  it('splits the bucket that byte n is in', () => {
    brigade.append(shareBytes(pool, bytesOf('hello, world')));
    expect(brigade.partition(5)).toBe(1);
    const rest = brigade.splitAt(1);
    expect([textIn(brigade), textIn(rest)]).toEqual(['hello', ', world']);
  });

  it('is incomplete past the end, and count at the end', () => {
    fill(brigade, 'hello', 'world');
    expect(brigade.partition(8192)).toBe('incomplete');
    expect(brigade.partition(10)).toBe(2);
    expect(brigade.partition(5)).toBe(1);
    expect(brigade.partition(0)).toBe(0);
    expect(brigade.count).toBe(2);
    expect(() => brigade.partition(-1)).toThrow(UsageError);
  });

  it('leaves marks at the cut behind it', () => {
    fill(brigade, 'abc');
    brigade.append(makeFlush());
    fill(brigade, 'def');
    expect(brigade.partition(3)).toBe(1);
    expect(brigade.partition(4)).toBe(3);
  });

  it('replaces its own entry of a bucket that others hold', () => {
    const frame = shareBytes(pool, bytesOf('hello, world'));
    brigade.append(frame.retain());
    expect(brigade.partition(5)).toBe(1);
    expect([frame.length, frame.refs]).toEqual([12, 1]);
    expect(textIn(brigade)).toBe('hello, world');
    frame.release();
  });

  it('reads a stream as far as it must', () => {
    const source = new Pieces('hel', 'lo, w', '', 'orld');
    brigade.append(streamBucket(source, pool));
    expect(brigade.length).toBe(-1);
    expect(brigade.partition(5)).toBe(2);
    expect(brigade.partition(12)).toBe('incomplete');
    expect(brigade.partition(12)).toBe(4);
    expect(brigade.partition(13)).toBe('incomplete');
    expect(brigade.length).toBe(12);
    expect(source.closed).toBe(1);
    expect(textIn(brigade)).toBe('hello, world');
  });
});

describe('read', () => {
  it('gives memory and marks as they are', () => {
    fill(brigade, 'abc');
    brigade.append(makeEos());
    expect(brigade.read(0)).toBe(brigade.at(0));
    expect(brigade.read(1)).toBe(brigade.at(1));
  });

  it('turns a file into a heap bucket and a remainder', () => {
    const handle = new MemoryFile('x'.repeat(3000)).open(pool);
    brigade.insertFile(handle, 0, 3000);
    handle.release();
    const piece = brigade.read(0) as Bucket;
    expect([piece.type.name, piece.length]).toEqual(['heap', 1024]);
    expect(namesIn(brigade)).toEqual(['heap', 'file']);
    expect([brigade.length, brigade.memoryBytes]).toEqual([3000, 1024]);
    brigade.read(1);
    brigade.read(2);
    expect(namesIn(brigade)).toEqual(['heap', 'heap', 'heap']);
    expect(pool.outstanding()).toEqual({ bytes: 3000, handles: 0 });
  });

  it('keeps the bucket of a file that became shorter, and says truncated', () => {
    const file = new MemoryFile('hello');
    const handle = file.open(pool);
    brigade.insertFile(handle, 0, 5);
    handle.release();
    file.content = new Uint8Array(0);
    expect(brigade.read(0)).toBe('truncated');
    expect(namesIn(brigade)).toEqual(['file']);
    expect(() => brigade.splitLine(10)).toThrow(TruncatedError);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('does not move a file bucket that others hold', () => {
    const handle = new MemoryFile('hello').open(pool);
    const bucket = fileBucket(handle, 1, 3);
    handle.release();
    brigade.append(bucket.retain());
    expect((brigade.read(0) as Bucket).length).toBe(3);
    expect(textIn(brigade)).toBe('ell');
    expect([bucket.start, bucket.length, bucket.refs]).toEqual([1, 3, 1]);
    bucket.release();
  });

  it('reads an empty file bucket as empty memory', () => {
    const handle = new MemoryFile('').open(pool);
    brigade.append(fileBucket(handle, 0, 0));
    handle.release();
    expect((brigade.read(0) as Bucket).length).toBe(0);
    expect(namesIn(brigade)).toEqual(['heap']);
  });

  it('reads a stream piece by piece until it ends', () => {
    const source = new Pieces('ab', '', 'c');
    brigade.append(streamBucket(source, pool));
    brigade.append(makeEos());
    expect((brigade.read(0) as Bucket).length).toBe(2);
    expect(brigade.read(1)).toBe('wouldBlock');
    expect((brigade.read(1) as Bucket).length).toBe(1);
    expect(namesIn(brigade)).toEqual(['heap', 'heap', 'stream', 'eos']);
    expect(pool.outstanding().handles).toBe(1);
    expect(brigade.read(2)).toBe('end');
    expect(namesIn(brigade)).toEqual(['heap', 'heap', 'eos']);
    expect(source.closed).toBe(1);
  });

  it('blocks only where the source can', () => {
    const source = new Pieces('');
    brigade.append(streamBucket(source, pool));
    expect(() => brigade.read(0, 'block')).toThrow(UsageError);
    const blocking = Object.assign(new Pieces('', 'late'), {
      readBlocking(into: Uint8Array, start: number): number {
        into.set(bytesOf('late'), start);
        return 4;
      },
    });
    brigade.prepend(streamBucket(blocking, pool));
    expect((brigade.read(0, 'block') as Bucket).length).toBe(4);
    expect(textOf(brigade.flatten(4))).toBe('late');
  });
});

describe('setaside', () => {
  it('copies what is lent, and only that', () => {
    const lent = bytesOf('lent');
    const frame = shareBytes(pool, bytesOf('frame'));
    brigade.append(transientBytes(lent, 1, 4));
    brigade.append(frame.retain());
    brigade.append(makeEos());
    brigade.setaside();
    lent.fill(0);
    expect(namesIn(brigade)).toEqual(['heap', 'shared', 'eos']);
    expect(brigade.at(1)).toBe(frame);
    expect(textIn(brigade)).toBe('entframe');
    expect(pool.outstanding().bytes).toBe(8);
    frame.release();
  });

  it('leaves a transient bucket that others hold to them', () => {
    const lent = transientBytes(bytesOf('lent'));
    brigade.append(lent.retain());
    brigade.setaside();
    expect([lent.type.name, lent.refs]).toEqual(['transient', 1]);
    expect(namesIn(brigade)).toEqual(['heap']);
  });
});

describe('consume', () => {
  it('drops bytes across buckets and splits the last one', () => {
    brigade.write(bytesOf('abcdef'));
    fill(brigade, 'ghi');
    brigade.consume(2);
    expect(pool.outstanding().bytes).toBe(4);
    brigade.consume(5);
    expect(textIn(brigade)).toBe('hi');
    expect(brigade.length).toBe(2);
    expect(() => brigade.consume(3)).toThrow(UsageError);
    expect(() => brigade.consume(-1)).toThrow(UsageError);
    brigade.consume(2);
    expect(brigade.isEmpty).toBe(true);
  });

  it('does not change a shared bucket that others hold', () => {
    const frame = shareBytes(pool, bytesOf('frame'));
    const other = new Brigade(pool);
    brigade.append(frame.retain());
    other.append(frame.retain());
    expect(brigade.at(0)).toBe(frame);
    brigade.consume(2);
    expect([textIn(brigade), textIn(other)]).toEqual(['ame', 'frame']);
    expect(frame.refs).toBe(2);
    frame.release();
    other.consume(5);
    expect(pool.outstanding().bytes).toBe(3);
  });

  it('tells SENT marks in order, once, when everything before them is gone', () => {
    const told: [string, Error | null][] = [];
    brigade.append(makeSent((error) => told.push(['first', error])));
    brigade.write(bytesOf('abc'));
    brigade.append(makeSent((error) => told.push(['second', error])));
    brigade.append(makeEos());
    brigade.write(bytesOf('d'));
    brigade.append(makeSent((error) => told.push(['third', error])));
    brigade.consume(0);
    expect(told).toEqual([['first', null]]);
    brigade.consume(2);
    expect(told.length).toBe(1);
    brigade.consume(1);
    expect(told[1]).toEqual(['second', null]);
    const reason = new Error('reset');
    brigade.destroy(reason);
    expect(told.slice(2)).toEqual([['third', reason]]);
  });

  it('may be changed by a SENT callback', () => {
    brigade.write(bytesOf('abc'));
    brigade.append(makeSent(() => brigade.write(bytesOf('more'))));
    brigade.consume(3);
    expect(textIn(brigade)).toBe('more');
    brigade.append(makeSent(() => brigade.destroy()));
    brigade.write(bytesOf('x'));
    brigade.consume(4);
    expect(brigade.isEmpty).toBe(true);
  });

  it('finishes what it was doing when callbacks throw', () => {
    brigade.write(bytesOf('ab'));
    brigade.partition(1);
    const rest = brigade.splitAt(1);
    const failing = (text: string) => makeSent(() => {
      throw new Error(text);
    });
    brigade.append(failing('one'));
    brigade.concat(rest);
    brigade.append(failing('two'));
    brigade.append(makeEos());
    expect(() => brigade.consume(2)).toThrow(AggregateError);
    expect(brigade.isEmpty).toBe(true);
    brigade.append(failing('three'));
    expect(() => brigade.consume(0)).toThrow('three');
  });

  it('drops from files, and not past a stream', () => {
    const handle = new MemoryFile('abcdef').open(pool);
    brigade.insertFile(handle, 1, 5);
    handle.release();
    brigade.consume(2);
    expect(textIn(brigade)).toBe('def');
    brigade.prepend(streamBucket(new Pieces('x'), pool));
    expect(() => brigade.consume(1)).toThrow(UsageError);
    expect(brigade.count).toBe(2);
  });
});

describe('destroy', () => {
  it('tells SENT a default error when it is given none, also when a bucket is released by hand', () => {
    const told: (Error | null)[] = [];
    brigade.append(makeSent((error) => told.push(error)));
    brigade.destroy();
    makeSent((error) => told.push(error)).release();
    expect(told.map((error) => error instanceof NotSentError)).toEqual([true, true]);
  });

  it('releases everything even if closing throws', () => {
    const source = Object.assign(new Pieces('x'), {
      close(): void {
        throw new Error('close');
      },
    });
    brigade.append(streamBucket(source, pool));
    brigade.append(makeError(502, new Error('upstream')));
    brigade.write(bytesOf('abc'));
    expect(() => brigade.destroy()).toThrow('close');
    expect(brigade.isEmpty).toBe(true);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });
});
