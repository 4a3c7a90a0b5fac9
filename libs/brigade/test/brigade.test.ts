import { closeSync, mkdtempSync, openSync, readSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Brigade,
  Bucket,
  fileBucket,
  FileHandleRef,
  heapBytes,
  makeEos,
  makeError,
  makeFlush,
  makeSent,
  NotSentError,
  Pool,
  shareBytes,
  streamBucket,
  transientBytes,
  TruncatedError,
  UsageError,
} from '../src/index.ts';
import { bytesOf, MemoryFile, Pieces, textIn, textOf } from './sources.ts';

let root: Pool;
let pool: Pool;
let brigade: Brigade;

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

function names(of: Brigade): string[] {
  return Array.from({ length: of.count }, (_, i) => of.at(i).type.name);
}

function fill(...texts: string[]): void {
  for (const text of texts) brigade.append(transientBytes(bytesOf(text)));
}

describe('creating and moving', () => {
  it('is empty at first, with nothing borrowed', () => {
    expect(brigade.isEmpty).toBe(true);
    expect(brigade.count).toBe(0);
    expect(brigade.length).toBe(0);
    expect(brigade.first()).toBeNull();
    expect(brigade.last()).toBeNull();
    expect(brigade.shift()).toBeNull();
    expect(root.arena.idleSlabs).toBe(0);
  });

  it('keeps FLUSH and EOS where they were put', () => {
    brigade.prepend(makeFlush());
    brigade.prepend(transientBytes(bytesOf('aaa')));
    brigade.append(makeEos());
    expect(names(brigade)).toEqual(['transient', 'flush', 'eos']);
    expect(brigade.length).toBe(3);
    expect(brigade.at(1).isMark).toBe(true);
    brigade.destroy();
    expect(brigade.isEmpty).toBe(true);
  });

  it('keeps order through any number of prepends, appends and shifts', () => {
    for (let i = 0; i < 100; i++) {
      brigade.append(transientBytes(bytesOf(String.fromCharCode(1 + i))));
      brigade.prepend(transientBytes(bytesOf(String.fromCharCode(101 + i))));
      if (i % 3 === 0) {
        const first = brigade.shift() as Bucket;
        expect(first.length).toBe(1);
        brigade.prepend(first);
      }
    }
    const expected = [...Array.from({ length: 100 }, (_, i) => 200 - i), ...Array.from({ length: 100 }, (_, i) => 1 + i)];
    expect([...brigade.flatten()]).toEqual(expected);
  });

  it('shifts through a long queue that is refilled behind', () => {
    let next = 0;
    for (let round = 0; round < 500; round++) {
      brigade.append(transientBytes(Uint8Array.of(round % 256)));
      brigade.append(transientBytes(Uint8Array.of(round % 256)));
      const bucket = brigade.shift() as Bucket;
      expect((bucket.bytes as Uint8Array)[0]).toBe((next >> 1) % 256);
      next++;
    }
    expect(brigade.count).toBe(500);
  });

  it('concat moves everything, and the other ends empty', () => {
    const other = new Brigade(root.subpool('other'));
    fill('hello, ');
    other.write(bytesOf('world'));
    other.append(makeEos());
    brigade.concat(other);
    expect(other.isEmpty).toBe(true);
    expect(names(brigade)).toEqual(['transient', 'heap', 'eos']);
    other.concat(brigade);
    expect(brigade.isEmpty).toBe(true);
    expect(textIn(other)).toBe('hello, world');
    expect(() => other.concat(other)).toThrow(UsageError);
    other.destroy();
  });

  it('splits in two at a bucket', () => {
    fill('hello, ', 'world');
    const rest = brigade.splitAt(1);
    expect([brigade.count, rest.count]).toEqual([1, 1]);
    expect(textIn(brigade)).toBe('hello, ');
    expect(textIn(rest)).toBe('world');
    expect(rest.splitAt(1).isEmpty).toBe(true);
    const all = rest.splitAt(0);
    expect(rest.isEmpty).toBe(true);
    expect(textIn(all)).toBe('world');
    expect(() => all.splitAt(2)).toThrow(UsageError);
  });

  it('refuses an index that is not there', () => {
    fill('a');
    expect(() => brigade.at(1)).toThrow(UsageError);
    expect(() => brigade.at(-1)).toThrow(UsageError);
  });
});

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
    expect(textOf((brigade.first() as Bucket).read(pool) instanceof Bucket ? brigade.flatten(5) : new Uint8Array())).toBe('hello');
    expect(textIn(brigade.splitAt(1))).toBe(', world');
  });

  it('is incomplete past the end, and count at the end', () => {
    fill('hello', 'world');
    expect(brigade.partition(8192)).toBe('incomplete');
    expect(brigade.partition(10)).toBe(2);
    expect(brigade.partition(5)).toBe(1);
    expect(brigade.partition(0)).toBe(0);
    expect(brigade.count).toBe(2);
    expect(() => brigade.partition(-1)).toThrow(UsageError);
  });

  it('leaves marks at the cut behind it', () => {
    fill('abc');
    brigade.append(makeFlush());
    fill('def');
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

describe('splitLine', () => {
  it('moves everything up to the LF, across buckets', () => {
    fill('blah blah blah-', 'end of line.\nfoo foo foo');
    const line = brigade.splitLine(100) as Brigade;
    expect(textIn(line)).toBe('blah blah blah-end of line.\n');
    expect(textIn(brigade)).toBe('foo foo foo');
  });

  it('knows no line yet from a line that is too long', () => {
    fill('12345', '678');
    expect(brigade.splitLine(9)).toBe('incomplete');
    expect(brigade.splitLine(8)).toBe('tooLong');
    fill('\n');
    expect(brigade.splitLine(8)).toBe('tooLong');
    expect(brigade.count).toBe(3);
    expect(textIn(brigade.splitLine(9) as Brigade)).toBe('12345678\n');
    expect(brigade.splitLine(9)).toBe('incomplete');
  });

  it('reads files and streams on the way', () => {
    const file = new MemoryFile('one\ntwo');
    const handle = file.open(pool);
    brigade.insertFile(handle, 0, 7);
    handle.release();
    brigade.append(streamBucket(new Pieces(' and\n', 'three'), pool));
    expect(textIn(brigade.splitLine(100) as Brigade)).toBe('one\n');
    expect(textIn(brigade.splitLine(100) as Brigade)).toBe('two and\n');
    expect(file.closed).toBe(1);
    expect(brigade.splitLine(100)).toBe('incomplete');
    expect(textIn(brigade)).toBe('three');
  });
});

describe('splitBoundary', () => {
  it('moves what is before the boundary and drops the boundary, wherever it was cut', () => {
    const whole = 'some data--boundthe rest';
    for (let cut = 1; cut < whole.length; cut++) {
      fill(whole.slice(0, cut), whole.slice(cut));
      const { data, found } = brigade.splitBoundary(bytesOf('--bound'));
      expect(found).toBe(true);
      expect(textIn(data)).toBe('some data');
      expect(textIn(brigade)).toBe('the rest');
      data.destroy();
      brigade.destroy();
    }
  });

  it('holds back what may be the beginning of it', () => {
    fill('some data-', '-bo');
    const first = brigade.splitBoundary(bytesOf('--bound'));
    expect([textIn(first.data), first.found]).toEqual(['some data', false]);
    expect(textIn(brigade)).toBe('--bo');
    fill('at');
    const second = brigade.splitBoundary(bytesOf('--bound'));
    expect([textIn(second.data), second.found]).toEqual(['--boat', false]);
    expect(brigade.isEmpty).toBe(true);
  });

  it('finds a boundary that begins inside a false beginning of it', () => {
    fill('aab', 'aabaac');
    const { data, found } = brigade.splitBoundary(bytesOf('aabaac'));
    expect([textIn(data), found]).toEqual(['aab', true]);
    fill('ababab', 'ac');
    expect(textIn(brigade.splitBoundary(bytesOf('ababac')).data)).toBe('ab');
  });

  it('holds nothing back before an EOS, which stays', () => {
    fill('data--bo');
    brigade.append(makeEos());
    const { data, found } = brigade.splitBoundary(bytesOf('--bound'));
    expect([textIn(data), found]).toEqual(['data--bo', false]);
    expect(names(brigade)).toEqual(['eos']);
  });

  it('keeps marks in front of and inside the boundary', () => {
    const told: unknown[] = [];
    fill('data');
    brigade.append(makeSent((error) => told.push(error)));
    fill('--bo');
    brigade.append(makeFlush());
    fill('und');
    const { data, found } = brigade.splitBoundary(bytesOf('--bound'));
    expect(found).toBe(true);
    expect(names(data)).toEqual(['transient', 'sent', 'flush']);
    expect(told).toEqual([]);
    data.consume(4);
    expect(told).toEqual([null]);
  });

  it('looks at no more than it is allowed to', () => {
    fill('0123456789--bound');
    const { data, found } = brigade.splitBoundary(bytesOf('--bound'), 11);
    expect([textIn(data), found]).toEqual(['0123456789', false]);
    expect(() => brigade.splitBoundary(new Uint8Array(0))).toThrow(UsageError);
  });
});

describe('flatten, gather, iovec', () => {
  it('flattens without consuming, up to a limit', () => {
    fill('hello, ', 'world');
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
    expect(textIn(brigade)).toBe('hello, brave world\n'.replace(', ', ', '));
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
    fill('abc');
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

describe('read', () => {
  it('gives memory and marks as they are', () => {
    fill('abc');
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
    expect(names(brigade)).toEqual(['heap', 'file']);
    expect([brigade.length, brigade.memoryBytes]).toEqual([3000, 1024]);
    brigade.read(1);
    brigade.read(2);
    expect(names(brigade)).toEqual(['heap', 'heap', 'heap']);
    expect(pool.outstanding()).toEqual({ bytes: 3000, handles: 0 });
  });

  it('keeps the bucket of a file that became shorter, and says truncated', () => {
    const file = new MemoryFile('hello');
    const handle = file.open(pool);
    brigade.insertFile(handle, 0, 5);
    handle.release();
    file.content = new Uint8Array(0);
    expect(brigade.read(0)).toBe('truncated');
    expect(names(brigade)).toEqual(['file']);
    expect(() => brigade.splitLine(10)).toThrow(TruncatedError);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('does not move a file bucket that others hold', () => {
    const handle = new MemoryFile('hello').open(pool);
    const bucket = fileBucket(handle, 1, 3);
    handle.release();
    brigade.append(bucket.retain());
    expect(textOf((brigade.read(0) as Bucket).bytes?.subarray(0, 0) ?? bytesOf('?'))).toBe('');
    expect(textIn(brigade)).toBe('ell');
    expect([bucket.start, bucket.length, bucket.refs]).toEqual([1, 3, 1]);
    bucket.release();
  });

  it('reads an empty file bucket as empty memory', () => {
    const handle = new MemoryFile('').open(pool);
    brigade.append(fileBucket(handle, 0, 0));
    handle.release();
    expect((brigade.read(0) as Bucket).length).toBe(0);
    expect(names(brigade)).toEqual(['heap']);
  });

  it('reads a stream piece by piece until it ends', () => {
    const source = new Pieces('ab', '', 'c');
    brigade.append(streamBucket(source, pool));
    brigade.append(makeEos());
    expect((brigade.read(0) as Bucket).length).toBe(2);
    expect(brigade.read(1)).toBe('wouldBlock');
    expect((brigade.read(1) as Bucket).length).toBe(1);
    expect(names(brigade)).toEqual(['heap', 'heap', 'stream', 'eos']);
    expect(pool.outstanding().handles).toBe(1);
    expect(brigade.read(2)).toBe('end');
    expect(names(brigade)).toEqual(['heap', 'heap', 'eos']);
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

describe('insertFile', () => {
  it('inserts a file larger than memory, and splits it by arithmetic alone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'brigade-'));
    const path = join(directory, 'sparse');
    const size = 2 ** 33 + 424_242;
    try {
      const fd = openSync(path, 'w+');
      truncateSync(path, size);
      const source = {
        fd,
        readSync: (into: Uint8Array, start: number, length: number, position: number) => readSync(fd, into, start, length, position),
        close: () => closeSync(fd),
      };
      const handle = new FileHandleRef(pool, source, size);
      brigade.insertFile(handle, 0, size);
      handle.release();
      expect(brigade.length).toBe(size);
      expect(brigade.memoryBytes).toBe(0);
      for (let i = 0; i < brigade.count; i++) expect(brigade.at(i).length).toBeGreaterThan(0);
      const cut = brigade.partition(2 ** 33 + 1) as number;
      const rest = brigade.splitAt(cut);
      expect([brigade.length, rest.length]).toEqual([2 ** 33 + 1, 424_241]);
      brigade.consume(2 ** 33);
      expect(brigade.flatten()).toEqual(new Uint8Array(1));
      expect(rest.at(0).start).toBe(2 ** 33 + 1);
      brigade.destroy();
      expect(pool.outstanding()).toEqual({ bytes: 0, handles: 1 });
      rest.destroy();
      expect(() => closeSync(fd)).toThrow(/EBADF/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('refuses spans that cannot be', () => {
    const handle = new MemoryFile('abc').open(pool);
    expect(() => brigade.insertFile(handle, -1, 2)).toThrow(UsageError);
    expect(() => brigade.insertFile(handle, 0, -2)).toThrow(UsageError);
    brigade.insertFile(handle, 0, 0);
    expect(brigade.isEmpty).toBe(true);
    handle.release();
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
    expect(names(brigade)).toEqual(['heap', 'shared', 'eos']);
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
    expect(names(brigade)).toEqual(['heap']);
  });
});

describe('consume', () => {
  it('drops bytes across buckets and splits the last one', () => {
    brigade.write(bytesOf('abcdef'));
    fill('ghi');
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
