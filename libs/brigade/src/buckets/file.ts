// file: a span of an open file, for sendfile(2) or for reading piece by piece. Splitting is arithmetic; the handle is counted
// and closed when its last bucket and its opener have let go.

import { Bucket, type BucketType, keepAsItIs } from '../bucket.ts';
import { assert, debugging } from '../debug.ts';
import type { Pool } from '../pool.ts';
import { heapFilled, heapType, takeFromSlab } from './heap.ts';

/** What the opener knows how to do with its file. */
export interface FileSource {
  readonly fd: number;
  /** Reads up to `length` bytes from `position` into `into` at `start`; answers how many, 0 at the end of the file. */
  readSync(into: Uint8Array, start: number, length: number, position: number): number;
  close(): void;
}

/** An open file with several users. The maker holds one reference; each bucket holds one more. */
export class FileHandleRef {
  readonly source: FileSource;
  /** Size in bytes when it was opened. */
  readonly size: number;
  refs = 1;
  private readonly pool: Pool;

  constructor(pool: Pool, source: FileSource, size: number) {
    this.pool = pool;
    this.source = source;
    this.size = size;
    pool.chargeHandles(1);
  }

  get fd(): number {
    return this.source.fd;
  }

  retain(): this {
    if (debugging) assert(this.refs > 0, 'handle.refs > 0 when it is retained');
    this.refs++;
    return this;
  }

  release(): void {
    if (debugging) assert(this.refs > 0, 'handle.refs > 0 when it is released');
    if (--this.refs === 0) {
      this.pool.chargeHandles(-1);
      this.source.close();
    }
  }
}

export const fileType: BucketType = {
  name: 'file',
  isMark: false,
  slice: (bucket, from, length) => fileBucket(fileHandle(bucket), bucket.start + from, length),
  copy: (bucket) => fileBucket(fileHandle(bucket), bucket.start, bucket.length),
  read(bucket, pool) {
    if (bucket.length === 0) return takeFromSlab(heapType, pool, pool.room(0), 0);
    const source = fileHandle(bucket).source;
    const max = Math.min(bucket.length, pool.arena.packedBytes);
    const got = heapFilled(pool, max, (into, start, end) => source.readSync(into, start, end - start, bucket.start));
    if (typeof got === 'number') return 'truncated';
    bucket.advance(got.length);
    return got;
  },
  setaside: keepAsItIs,
  destroy: (bucket) => fileHandle(bucket).release(),
};

/** `length` bytes of the file from `offset`. Takes a reference of its own on the handle. */
export function fileBucket(handle: FileHandleRef, offset: number, length: number): Bucket {
  return new Bucket(fileType, null, offset, length, null, null, handle.retain());
}

/** The handle behind a file bucket. */
export function fileHandle(bucket: Bucket): FileHandleRef {
  return bucket.data as FileHandleRef;
}
