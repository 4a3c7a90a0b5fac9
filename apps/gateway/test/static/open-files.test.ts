import * as fs from 'node:fs';
import { join } from 'node:path';
import { Brigade, Pool, type Bucket } from '@sluice/brigade';
import { VirtualClock } from '@sluice/timing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenFile } from '../../src/static/open-file.ts';
import { entryBytes, OpenFiles, type OpenFilesOptions } from '../../src/static/open-files.ts';
import { DocumentRoot } from './document-root.ts';

// The file system's own calls, but counted, and to be made to fail or to wait.
vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  return { ...original, open: vi.fn(original.open), stat: vi.fn(original.stat), read: vi.fn(original.read) };
});

type Callback = (error: Error | null) => void;

const nothing = { bytes: 0, handles: 0 };
/** Longer than what is kept in memory, unless a test says otherwise. */
const long = 'x'.repeat(200);
/** Long after the files were written: what is known of them is settled. */
const anHourLater = (): number => Date.now() + 3_600_000;

let root: DocumentRoot;
let clock: VirtualClock;
let pool: Pool;
let files: OpenFiles;

beforeEach(() => {
  vi.clearAllMocks();
  root = new DocumentRoot({ a: 'the a', b: 'the b', c: 'the c', long, long2: long, long3: long });
  clock = new VirtualClock();
  pool = new Pool('files');
  files = openFiles();
});

afterEach(() => {
  files.close();
  expect(pool.outstanding()).toEqual(nothing);
  root.remove();
});

function openFiles(options: Partial<OpenFilesOptions> = {}): OpenFiles {
  const sizes = { maxFiles: 10, maxDescriptor: Infinity, idleMs: 10_000, cacheBytes: 3000, maxCachedFileBytes: 100 };
  return new OpenFiles({ root: root.root, pool, clock, wallClock: anHourLater, followSymlinks: false, ...sizes, ...options });
}

async function opened(path: string): Promise<OpenFile> {
  const result = await files.open(path);
  expect(result).toBeInstanceOf(OpenFile);
  return result as OpenFile;
}

function textOf(bucket: Bucket): string {
  const brigade = new Brigade(pool);
  brigade.append(bucket);
  const text = Buffer.from(brigade.flatten()).toString();
  brigade.destroy();
  return text;
}

const whole = (file: OpenFile): string => textOf(file.bucket(0, file.size));

/** Holds the next call up until what is answered is called. */
function heldUp(call: 'stat' | 'read'): Promise<() => void> {
  return new Promise((arrived) => {
    const mock = vi.mocked(fs[call] as (...args: unknown[]) => void);
    const original = mock.getMockImplementation()!;
    mock.mockImplementationOnce((...args) => arrived(() => original(...args)));
  });
}

function failing(call: 'open' | 'read', code: string): void {
  const mock = vi.mocked(fs[call] as (...args: unknown[]) => void);
  mock.mockImplementationOnce((...args) => (args.at(-1) as Callback)(Object.assign(new Error(code), { code })));
}

describe('a file', () => {
  it.each([
    ['small, from memory', 'a', 'the a', 'shared'],
    ['large, from the file', 'long', long, 'file'],
  ])('that is %s, is given whole and in part', async (_which, path, content, type) => {
    const file = await opened(path);
    expect(file.size).toBe(content.length);
    expect(whole(file)).toBe(content);
    const part = file.bucket(1, 4);
    expect(part.type.name).toBe(type);
    expect(textOf(part)).toBe(content.slice(1, 4));
  });

  it('has validators: its date, and a tag that changes with its content', async () => {
    const before = await opened('a');
    expect(before.modifiedSeconds).toBe(Date.UTC(2024, 2, 5, 6, 7, 8) / 1000);
    expect(before.etag).toMatch(/^"[\w-]{22}"$/);
    root.write('a', 'longer');
    clock.advanceBy(1001);
    expect((await opened('a')).etag).not.toBe(before.etag);
  });

  it('that was put in its place has another tag, also with the same size and date', async () => {
    for (const [path, other] of [['a', 'not a'], ['long', 'y'.repeat(200)]] as const) {
      const before = await opened(path);
      root.write(path, other);
      clock.advanceBy(1001);
      const after = await opened(path);
      expect([after.size, after.modifiedSeconds]).toEqual([before.size, before.modifiedSeconds]);
      expect(after.etag).not.toBe(before.etag);
    }
  });

  it('that is small needs no descriptor, also when it is empty', async () => {
    root.write('empty', '');
    expect((await opened('empty')).size).toBe(0);
    await opened('a');
    expect(pool.outstanding()).toEqual({ bytes: 5, handles: 0 });
  });
});

describe('freshness', () => {
  it('lasts a second: then one look says that it is still the same', async () => {
    const file = await opened('a');
    clock.advanceBy(1000);
    expect(files.peek('a')).toBe(file);
    clock.advanceBy(1);
    expect(files.peek('a')).toBeNull();
    expect(fs.stat).not.toHaveBeenCalled();
    expect(await files.open('a')).toBe(file);
    expect(fs.stat).toHaveBeenCalledTimes(1);
    expect(fs.open).toHaveBeenCalledTimes(1);
    expect(files.peek('a')).toBe(file);
  });

  it('past, a file in its place is noticed; who has the one before goes on with it', async () => {
    const before = await opened('long');
    const inProgress = before.bucket(0, before.size);
    root.write('long', 'y'.repeat(200));
    clock.advanceBy(1001);
    const after = await opened('long');
    expect(whole(after)).toBe('y'.repeat(200));
    expect(pool.outstanding().handles).toBe(2);
    expect(textOf(inProgress)).toBe(long);
    expect(pool.outstanding().handles).toBe(1);
  });

  it('past, a file that is gone is let go', async () => {
    await opened('a');
    fs.rmSync(join(root.root, 'a'));
    clock.advanceBy(1001);
    expect(await files.open('a')).toBe('notFound');
    expect(pool.outstanding()).toEqual(nothing);
  });
});

describe('eviction', () => {
  const atHand = (): string => ['a', 'b', 'c'].filter((path) => files.peek(path) !== null).join('');

  it('keeps so many open, oldest first to go, and what is in memory', async () => {
    files = openFiles({ maxFiles: 2 });
    await opened('a');
    await opened('long');
    await opened('long2');
    clock.advanceBy(1001);
    await opened('long');
    await opened('long3');
    expect(pool.outstanding()).toEqual({ bytes: 5, handles: 2 });
    expect(['long', 'long3'].map((path) => files.peek(path)?.path)).toEqual(['long', 'long3']);
    expect(files.peek('long2')).toBeNull();
  });

  it('keeps so many bytes in memory', async () => {
    files = openFiles({ cacheBytes: 10 + 2 * entryBytes });
    await opened('a');
    await opened('b');
    expect(pool.outstanding()).toEqual({ bytes: 10, handles: 0 });
    await opened('c');
    expect(atHand()).toBe('bc');
    expect(pool.outstanding()).toEqual({ bytes: 10, handles: 0 });
  });

  it.each(['a', 'long'])('takes nothing from a reply in progress with %s', async (path) => {
    files = openFiles({ maxFiles: 1, cacheBytes: entryBytes + 5 });
    const file = await opened(path);
    const inProgress = file.bucket(0, file.size);
    await opened('b');
    await opened('long2');
    expect(files.peek(path)).toBeNull();
    expect(textOf(inProgress)).toBe(path === 'a' ? 'the a' : long);
    expect(pool.outstanding()).toEqual({ bytes: 5, handles: 1 });
  });

  it('while somebody looks whether it is still the same: it is opened anew', async () => {
    files = openFiles({ maxFiles: 1 });
    await opened('long');
    clock.advanceBy(1001);
    const held = heldUp('stat');
    const looking = opened('long');
    const goOn = await held;
    await opened('long2');
    goOn();
    expect(whole(await looking)).toBe(long);
    expect(pool.outstanding().handles).toBe(1);
  });
});

describe('descriptors', () => {
  it('are closed when nobody has asked for so long', async () => {
    await opened('long');
    clock.advanceBy(900);
    expect(files.peek('long')).not.toBeNull();
    clock.advanceBy(9_999);
    files.sweep();
    expect(pool.outstanding().handles).toBe(1);
    clock.advanceBy(1);
    files.sweep();
    expect(pool.outstanding().handles).toBe(0);
  });

  it('that no reply needs are closed first when there are none left, and the file is served', async () => {
    const inProgress = (await opened('long')).bucket(0, 3);
    await opened('long2');
    failing('open', 'EMFILE');
    expect(await files.open('long3')).toBeInstanceOf(OpenFile);
    expect(pool.outstanding().handles).toBe(2);
    expect(files.peek('long')).not.toBeNull();
    expect(files.peek('long2')).toBeNull();
    expect(textOf(inProgress)).toBe('xxx');
  });

  it('of the reserve are not taken: the file is refused', async () => {
    files = openFiles({ maxDescriptor: 0 });
    expect(await files.open('long')).toBe('busy');
    expect(await files.open('a')).toBe('busy');
    expect(pool.outstanding()).toEqual(nothing);
  });
});

describe('a file changed just before it was read', () => {
  it('is read again at the next look: it may have been changed since without another time of change', async () => {
    files = openFiles({ wallClock: Date.now });
    const before = await opened('a');
    clock.advanceBy(1001);
    const after = await opened('a');
    expect(after).not.toBe(before);
    expect(after.etag).toBe(before.etag);
  });
});

describe('what is no file to serve', () => {
  it.each([
    ['nothing', 'missing', 'notFound'],
    ['something below a file', 'a/b', 'notFound'],
    ['a name too long', 'x'.repeat(300), 'notFound'],
    ['a directory', '.', 'directory'],
  ])('%s', async (_what, path, result) => {
    expect(await files.open(path)).toBe(result);
    expect(pool.outstanding()).toEqual(nothing);
  });

  it('a FIFO: nobody waits for its writer', async () => {
    root.pipe('fifo');
    expect(await files.open('fifo')).toBe('notFound');
  });

  it.each([
    ['EACCES', 'forbidden'],
    ['EMFILE', 'busy'],
    ['ENFILE', 'busy'],
  ])('%s: %s', async (code, result) => {
    failing('open', code);
    expect(await files.open('a')).toBe(result);
    expect(await files.open('a')).toBeInstanceOf(OpenFile);
  });

  it.each(['open', 'read'] as const)('what fails in another way at %s is thrown, and nothing is kept', async (call) => {
    failing(call, 'EIO');
    await expect(files.open('a')).rejects.toThrow('EIO');
    expect(pool.outstanding()).toEqual(nothing);
  });
});

describe('symbolic links', () => {
  beforeEach(() => {
    root.write('../secret', 'secret');
    root.write('../root-beside/secret', 'secret');
    root.link('inside', 'a');
    root.link('out', '../secret');
    root.link('beside', '../root-beside');
    root.link('around', 'around');
  });

  it.each(['out', 'beside/secret', 'around'])('%s does not lead out of the root', async (path) => {
    expect(await files.open(path)).toBe('forbidden');
  });

  it('lead about inside of it', async () => {
    expect(whole(await opened('inside'))).toBe('the a');
  });

  it('lead anywhere where that is wanted', async () => {
    files = openFiles({ followSymlinks: true });
    expect(whole(await opened('out'))).toBe('secret');
  });

  it('that the root is may be turned to another directory', async () => {
    root.write('../first/a', 'first');
    root.write('../second/a', 'second');
    root.link('../current', 'first');
    files = openFiles({ root: join(root.base, 'current') });
    expect(whole(await opened('a'))).toBe('first');
    root.link('../current', 'second');
    clock.advanceBy(1001);
    expect(whole(await opened('a'))).toBe('second');
  });
});

describe('at the same time', () => {
  it('several who ask share one opening', async () => {
    const [first, ...others] = await Promise.all([files.open('a'), files.open('a'), files.open('a')]);
    expect(first).toBeInstanceOf(OpenFile);
    for (const other of others) expect(other).toBe(first);
    expect(fs.open).toHaveBeenCalledTimes(1);
  });

  it('several who ask share one failure, and the next tries again', async () => {
    failing('open', 'EIO');
    expect(await Promise.allSettled([files.open('a'), files.open('a')])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    expect(await files.open('a')).toBeInstanceOf(OpenFile);
  });
});

describe('closing', () => {
  it('lets go of all but what replies in progress have', async () => {
    const file = await opened('long');
    await opened('a');
    const inProgress = file.bucket(0, 3);
    files.close();
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 1 });
    expect(textOf(inProgress)).toBe('xxx');
  });

  it('while a file is being opened leaks nothing', async () => {
    const opening = files.open('a');
    files.close();
    expect(await opening).toBe('notFound');
    expect(pool.outstanding()).toEqual(nothing);
  });

  it('while a file is being read leaks nothing', async () => {
    const held = heldUp('read');
    const opening = files.open('a');
    const goOn = await held;
    files.close();
    goOn();
    expect(await opening).toBe('notFound');
    expect(pool.outstanding()).toEqual(nothing);
  });

  it('while a file is being looked at leaks nothing', async () => {
    await opened('a');
    clock.advanceBy(1001);
    const held = heldUp('stat');
    const looking = files.open('a');
    const goOn = await held;
    files.close();
    goOn();
    expect(await looking).toBe('notFound');
    expect(pool.outstanding()).toEqual(nothing);
  });
});
