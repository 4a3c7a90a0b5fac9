// Files that are asked for again and again stay open, and small ones in memory, for as long as they are fresh.
//
// An entry is trusted for a second; then one stat says whether the path still leads to the same bytes. Opening goes through
// the thread pool, so a slow disk stops nobody; a hit costs no system call. Entries leave oldest use first when there are too
// many descriptors or bytes; replies in progress keep theirs by reference.

import { close, fstat, open, read, readSync, realpath, stat, closeSync, constants, type Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { FileHandleRef, fileBucket, shareBytes, type Bucket, type Pool } from '@sluice/brigade';
import type { EncodedFields } from '@sluice/http1';
import type { Clock } from '@sluice/timing';
import type { Validators } from './conditional.ts';

const openFile = promisify(open);
const fstatFile = promisify(fstat);
const statPath = promisify(stat);
const realPath = promisify(realpath);
const closeFile = promisify(close);

export interface OpenFilesOptions {
  readonly root: string;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly followSymlinks: boolean;
  /** Most open files that are kept. */
  readonly maxFiles: number;
  /** Memory for the contents of small files. */
  readonly cacheBytes: number;
  readonly maxCachedFileBytes: number;
}

const freshMs = 1000;

/** One file: what it is, and its bytes by reference. */
export class OpenFile implements Validators {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedSeconds: number;
  readonly lastModified: string;
  readonly handle: FileHandleRef;
  readonly identity: string;
  /** The fields of a whole reply, encoded by the first of them. */
  wholeFields: EncodedFields | null = null;
  /** The whole content, where it is kept. */
  content: Bucket | null = null;
  checkedAtMs: number;

  constructor(path: string, stats: Stats, handle: FileHandleRef, nowMs: number) {
    this.path = path;
    this.size = stats.size;
    this.identity = identityOf(stats);
    this.etag = `"${stats.size.toString(36)}-${Math.round(stats.mtimeMs * 1000).toString(36)}"`;
    this.modifiedSeconds = Math.floor(stats.mtimeMs / 1000);
    this.lastModified = new Date(this.modifiedSeconds * 1000).toUTCString();
    this.handle = handle;
    this.checkedAtMs = nowMs;
  }

  /** A bucket for `[start, end)`: of the shared content, or of the file. */
  bucket(start: number, end: number): Bucket {
    const { content } = this;
    if (content === null) return fileBucket(this.handle, start, end - start);
    return start === 0 && end === this.size ? content.retain() : content.type.slice(content, start, end - start);
  }

  release(): void {
    this.handle.release();
    this.content?.release();
    this.content = null;
  }
}

export type OpenResult = OpenFile | 'notFound' | 'directory' | 'forbidden' | 'busy';

export class OpenFiles {
  readonly #options: OpenFilesOptions;
  readonly #files = new Map<string, OpenFile>();
  readonly #opening = new Map<string, Promise<OpenResult>>();
  #contentBytes = 0;
  #closed = false;

  constructor(options: OpenFilesOptions) {
    this.#options = options;
  }

  /** The file if it is at hand and fresh. The entry stays the cache's: take buckets at once. */
  peek(path: string): OpenFile | null {
    const file = this.#files.get(path);
    if (file === undefined || this.#options.clock.now() - file.checkedAtMs > freshMs) return null;
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
        const isSame = await leadsTo(full, known.identity);
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
    this.#files.delete(file.path);
    this.#files.set(file.path, file);
    return file;
  }

  async #openAnew(path: string, full: string): Promise<OpenResult> {
    const { pool, clock, followSymlinks, maxCachedFileBytes } = this.#options;
    if (!followSymlinks && !(await this.#isInside(full))) return 'forbidden';
    // Non-blocking, or opening a FIFO would wait for its writer.
    const fd = await openFile(full, constants.O_RDONLY | constants.O_NONBLOCK);
    let stats: Stats;
    try {
      stats = await fstatFile(fd);
    } catch (error) {
      await closeFile(fd);
      throw error;
    }
    if (!stats.isFile() || this.#closed) {
      await closeFile(fd);
      return stats.isDirectory() ? 'directory' : 'notFound';
    }
    const source = {
      fd,
      readSync: (into: Uint8Array, start: number, length: number, position: number) => readSync(fd, into, start, length, position),
      close: () => closeSync(fd),
    };
    const handle = new FileHandleRef(pool, source, stats.size);
    const file = new OpenFile(path, stats, handle, clock.now());
    if (stats.size > 0 && stats.size <= maxCachedFileBytes && stats.size <= this.#options.cacheBytes) {
      const bytes = Buffer.allocUnsafeSlow(stats.size);
      let length: number;
      try {
        length = await readWhole(fd, bytes);
      } catch (error) {
        file.release();
        throw error;
      }
      if (length === stats.size && !this.#closed) {
        file.content = shareBytes(pool, bytes);
        this.#contentBytes += stats.size;
      }
    }
    if (this.#closed) {
      file.release();
      return 'notFound';
    }
    this.#files.set(path, file);
    this.#evict();
    return file;
  }

  async #isInside(full: string): Promise<boolean> {
    // The root's every time: it may be a link that is turned to another directory.
    const [root, real] = await Promise.all([realPath(this.#options.root), realPath(full)]);
    return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  }

  #evict(): void {
    const { maxFiles, cacheBytes } = this.#options;
    for (const file of this.#files.values()) {
      if (this.#files.size <= maxFiles && this.#contentBytes <= cacheBytes) return;
      if (this.#files.size === 1) return;
      this.#drop(file);
    }
  }

  #drop(file: OpenFile): void {
    this.#files.delete(file.path);
    if (file.content !== null) this.#contentBytes -= file.size;
    file.release();
  }
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

function identityOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
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
