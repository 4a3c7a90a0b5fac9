// Files that are asked for again and again: small ones are kept in memory, larger ones stay open for a while.
//
// An entry is trusted for a second; then one stat says whether the path still leads to the same bytes. Opening goes through
// the thread pool, so a slow disk stops nobody; a hit costs no system call. Entries leave oldest first when there are too
// many descriptors or bytes; replies in progress keep theirs by reference.
//
// Only what is not in memory needs a descriptor. One that nobody has asked for since `idleMs` is closed, so that the space of a deleted file is
// given back, and those that no reply needs are closed first when the process runs short of descriptors.

import { close, fstat, open, read, readSync, realpath, stat, closeSync, constants, type BigIntStats } from 'node:fs';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { FileHandleRef, shareBytes, type Pool } from '@sluice/brigade';
import type { Clock } from '@sluice/timing';
import { digestOf, identityOf, OpenFile, type MemoryContent } from './open-file.ts';

const openFile = promisify(open);
const fstatFile = (fd: number): Promise<BigIntStats> => promisify(fstat)(fd, { bigint: true });
const statPath = (path: string): Promise<BigIntStats> => promisify(stat)(path, { bigint: true });
const realPath = promisify(realpath);
const closeFile = promisify(close);

export interface OpenFilesOptions {
  readonly root: string;
  readonly pool: Pool;
  readonly clock: Clock;
  /** Milliseconds since 1970: what the file system's times are compared with. */
  readonly wallClock: () => number;
  readonly followSymlinks: boolean;
  /** Most descriptors that are kept. */
  readonly maxFiles: number;
  /** Time in ms since the last request after which a descriptor is closed. */
  readonly idleMs: number;
  /** A file whose descriptor has this number, or a higher one, is not served: those are left for the rest of the process. */
  readonly maxDescriptor: number;
  /** Memory for small files, each with `entryBytes` on top of its content. */
  readonly cacheBytes: number;
  readonly maxCachedFileBytes: number;
}

const freshMs = 1000;
/** What a file in memory costs besides its content. */
export const entryBytes = 256;
/** So many idle descriptors are closed at a time when they run short. */
const releaseBatch = 16;

export type OpenResult = OpenFile | 'notFound' | 'directory' | 'forbidden' | 'busy';

export class OpenFiles {
  readonly #options: OpenFilesOptions;
  readonly #files = new Map<string, OpenFile>();
  readonly #opening = new Map<string, Promise<OpenResult>>();
  /** Entries with a descriptor, and memory of the others. */
  #kept = 0;
  #keptBytes = 0;
  #closed = false;

  constructor(options: OpenFilesOptions) {
    this.#options = options;
  }

  /** The file if it is at hand and fresh. The entry stays the cache's: take buckets at once. */
  peek(path: string): OpenFile | null {
    const file = this.#files.get(path);
    const nowMs = this.#options.clock.now();
    if (file === undefined || nowMs - file.checkedAtMs > freshMs) return null;
    file.usedAtMs = nowMs;
    return file;
  }

  /** Opens it, or looks whether the one at hand is still the same. Callers at the same time share one look. */
  async open(path: string): Promise<OpenResult> {
    let opening = this.#opening.get(path);
    if (opening === undefined) {
      opening = this.#look(path).finally(() => this.#opening.delete(path));
      this.#opening.set(path, opening);
    }
    return opening;
  }

  /** Closes descriptors that nobody has asked for lately. To be called about once a second. */
  sweep(): void {
    if (this.#kept === 0) return;
    const unusedSinceMs = this.#options.clock.now() - this.#options.idleMs;
    for (const file of this.#files.values()) if (file.handle !== null && file.usedAtMs <= unusedSinceMs) this.#drop(file);
  }

  /** Closes up to `most` descriptors that no reply needs, the oldest first. Returns how many. */
  release(most = releaseBatch): number {
    let released = 0;
    for (const file of this.#files.values()) {
      if (released === most || this.#kept === 0) break;
      if (!file.isIdle) continue;
      this.#drop(file);
      released++;
    }
    return released;
  }

  /** Closes what is kept. Replies in progress keep theirs. */
  close(): void {
    this.#closed = true;
    for (const file of this.#files.values()) this.#drop(file);
  }

  async #look(path: string): Promise<OpenResult> {
    const full = join(this.#options.root, path);
    const known = this.#files.get(path);
    try {
      if (known !== undefined) {
        const isSame = (known.handle !== null || known.isSettled) && (await leadsTo(full, known.identity));
        // Meanwhile it may have left: then it is closed.
        if (this.#files.get(path) === known) {
          if (isSame) return this.#renew(known);
          this.#drop(known);
        }
      }
      return await this.#openAnew(path, full);
    } catch (error) {
      return failureOf(error);
    }
  }

  #renew(file: OpenFile): OpenFile {
    file.checkedAtMs = this.#options.clock.now();
    file.usedAtMs = file.checkedAtMs;
    this.#files.delete(file.path);
    this.#files.set(file.path, file);
    return file;
  }

  async #openAnew(path: string, full: string): Promise<OpenResult> {
    const { clock, wallClock, followSymlinks } = this.#options;
    if (!followSymlinks && !(await this.#isInside(full))) return 'forbidden';
    const fd = await this.#openDescriptor(full);
    if (fd === null) return 'busy';
    let isOurs = true;
    try {
      const stats = await fstatFile(fd);
      if (!stats.isFile() || this.#closed) return stats.isDirectory() ? 'directory' : 'notFound';
      let body: FileHandleRef | MemoryContent | null = await this.#readContent(fd, Number(stats.size));
      // Closed while it was read: nothing may be charged to the pool any more.
      if (this.#closed) {
        body?.content?.release();
        return 'notFound';
      }
      if (body === null) {
        body = this.#handleOf(fd, Number(stats.size));
        isOurs = false;
      }
      const file = new OpenFile(path, stats, body, clock.now(), wallClock());
      this.#keep(file);
      return file;
    } finally {
      if (isOurs) await closeFile(fd);
    }
  }

  /** Null when there is none to be had. */
  async #openDescriptor(full: string): Promise<number | null> {
    let fd: number;
    try {
      fd = await openToRead(full);
    } catch (error) {
      if (failureOf(error) !== 'busy' || this.release(Infinity) === 0) throw error;
      fd = await openToRead(full);
    }
    if (fd < this.#options.maxDescriptor || this.release() > 0) return fd;
    await closeFile(fd);
    return null;
  }

  /** Null for a file that is not kept in memory, or was not read whole. */
  async #readContent(fd: number, size: number): Promise<MemoryContent | null> {
    const { pool, cacheBytes, maxCachedFileBytes } = this.#options;
    if (size > maxCachedFileBytes || size + entryBytes > cacheBytes) return null;
    const bytes = Buffer.allocUnsafeSlow(size);
    if (size > 0 && (await readWhole(fd, bytes)) !== size) return null;
    if (this.#closed) return null;
    return { content: size === 0 ? null : shareBytes(pool, bytes), digest: digestOf(bytes) };
  }

  #handleOf(fd: number, size: number): FileHandleRef {
    const source = {
      fd,
      readSync: (into: Uint8Array, start: number, length: number, position: number) => readSync(fd, into, start, length, position),
      close: () => closeSync(fd),
    };
    return new FileHandleRef(this.#options.pool, source, size);
  }

  async #isInside(full: string): Promise<boolean> {
    // The root's every time: it may be a link that is turned to another directory.
    const [root, real] = await Promise.all([realPath(this.#options.root), realPath(full)]);
    return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  }

  #keep(file: OpenFile): void {
    this.#files.set(file.path, file);
    if (file.handle !== null) this.#kept++;
    else this.#keptBytes += file.size + entryBytes;
    const { maxFiles, cacheBytes } = this.#options;
    for (const old of this.#files.values()) {
      const tooMany = this.#kept > maxFiles;
      const tooLarge = this.#keptBytes > cacheBytes;
      if ((!tooMany && !tooLarge) || old === file) return;
      if (old.handle === null ? tooLarge : tooMany) this.#drop(old);
    }
  }

  #drop(file: OpenFile): void {
    this.#files.delete(file.path);
    if (file.handle !== null) this.#kept--;
    else this.#keptBytes -= file.size + entryBytes;
    file.release();
  }
}

/** Non-blocking, or opening a FIFO would wait for its writer. */
function openToRead(full: string): Promise<number> {
  return openFile(full, constants.O_RDONLY | constants.O_NONBLOCK);
}

function readWhole(fd: number, into: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, 0, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

async function leadsTo(full: string, identity: string): Promise<boolean> {
  try {
    return identityOf(await statPath(full)) === identity;
  } catch {
    return false;
  }
}

function failureOf(error: unknown): OpenResult {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
    case 'ENXIO':
      return 'notFound';
    case 'EACCES':
    case 'EPERM':
    case 'ELOOP':
      return 'forbidden';
    case 'EMFILE':
    case 'ENFILE':
      return 'busy';
    default:
      throw error;
  }
}
