// A bucket is a span of bytes or a mark. Its type is a table of operations (one file per type under `buckets/`); the bucket
// itself is one class of one shape, so that everything that handles buckets stays monomorphic.
//
// Buckets are counted. Whoever makes one holds one reference; appending it to a brigade moves that reference in; `retain`
// makes another. A bucket with several references never changes: brigades replace their own entry by a slice instead.

import type { Slab } from './arena.ts';
import { assert, debugging } from './debug.ts';
import { UsageError } from './errors.ts';
import type { Pool } from './pool.ts';

export type BucketName = 'heap' | 'transient' | 'shared' | 'file' | 'stream' | 'eos' | 'flush' | 'error' | 'sent';

/** `block` lets a source wait for bytes; `nonblock` answers `wouldBlock` instead. Files are always read at once. */
export type ReadMode = 'block' | 'nonblock';

/** Why a read gave no bytes: none there yet; the stream is at its end; the file is shorter than the bucket says. */
export type ReadFailure = 'wouldBlock' | 'end' | 'truncated';

export interface BucketType {
  readonly name: BucketName;
  /** No bytes, only a meaning at its place in the brigade. */
  readonly isMark: boolean;
  /** A new bucket over part of this one's bytes, sharing what is behind it. */
  slice(bucket: Bucket, from: number, length: number): Bucket;
  /** Another bucket over all of the bytes, or the same one with one more reference where it never changes. */
  copy(bucket: Bucket): Bucket;
  /** Takes bytes out of a file or stream into a heap bucket and advances the bucket past them; memory answers itself. */
  read(bucket: Bucket, pool: Pool, mode: ReadMode): Bucket | ReadFailure;
  /** Makes the bytes safe from their lender: afterwards the bucket may outlive the call it was made in. */
  setaside(bucket: Bucket, pool: Pool): void;
  /** The last reference went. Called only for buckets without a slab. */
  destroy(bucket: Bucket): void;
}

export class Bucket {
  type: BucketType;
  /** Memory buckets: the payload is `bytes[start, start + length)`. Null for files, streams and marks. */
  bytes: Uint8Array | null;
  /** Offset in `bytes`, or in the file. */
  start: number;
  /** In bytes; 0 for a mark, -1 for a stream (unknown). */
  length: number;
  /** References held on this bucket; 0 when it is gone. */
  refs = 1;
  /** The arena's slab that `bytes` is, or null: then the bytes are not the arena's. */
  slab: Slab | null;
  /** The pool its bytes or handle are charged to. */
  pool: Pool | null;
  /** What the type needs: a file's handle, a stream's source, an error, a callback. Read it through the type's own functions. */
  data: unknown;

  constructor(type: BucketType, bytes: Uint8Array | null, start: number, length: number, slab: Slab | null, pool: Pool | null, data: unknown) {
    this.type = type;
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.slab = slab;
    this.pool = pool;
    this.data = data;
  }

  get isMark(): boolean {
    return this.type.isMark;
  }

  /** One more reference to the same bucket. */
  retain(): this {
    if (debugging) assert(this.refs > 0, 'bucket.refs > 0 when it is retained');
    this.refs++;
    return this;
  }

  /** Lets one reference go; the last one frees what is behind the bucket. */
  release(): void {
    if (debugging) assert(this.refs > 0, 'bucket.refs > 0 when it is released');
    if (--this.refs === 0) {
      const slab = this.slab;
      if (slab === null) {
        this.type.destroy(this);
      } else {
        (this.pool as Pool).charge(-this.length);
        slab.release();
      }
    }
  }

  /** The field's word for `release`. */
  destroy(): void {
    this.release();
  }

  /**
   * Cuts at `at` bytes: this bucket keeps the first part, the second is answered. Only for a bucket that is not in a brigade
   * (there, use `partition`) and has one reference.
   */
  split(at: number): Bucket {
    if (at < 0 || at > this.length) throw new UsageError(`cannot split a ${this.type.name} bucket of ${this.length} bytes at ${at}`);
    if (this.refs !== 1) throw new UsageError('a bucket with several references cannot be split in place');
    const second = this.type.slice(this, at, this.length - at);
    this.shorten(at);
    return second;
  }

  /** Another bucket over the same bytes, which are not copied; of a shared bucket or a mark, one more reference. */
  copy(): Bucket {
    return this.type.copy(this);
  }

  /** Drops bytes from the front. The caller sees to it that this is the only reference. */
  advance(by: number): void {
    this.start += by;
    this.length -= by;
    if (this.slab !== null) (this.pool as Pool).charge(-by);
  }

  /** Keeps the first `length` bytes. The caller sees to it that this is the only reference. */
  shorten(length: number): void {
    if (this.slab !== null) (this.pool as Pool).charge(length - this.length);
    this.length = length;
  }

  /** Bytes, or more of them, as a bucket in memory. See `Brigade.read`, which keeps the remainder in its place. */
  read(pool: Pool, mode: ReadMode = 'nonblock'): Bucket | ReadFailure {
    return this.type.read(this, pool, mode);
  }

  /** Makes the bytes safe from their lender: a transient bucket becomes a heap bucket of `pool`. */
  setaside(pool: Pool): void {
    this.type.setaside(this, pool);
  }
}

/** For types whose bytes are already safe, or have nothing to give back. */
export function keepAsItIs(): void {}

/** For marks, which have no bytes to cut. */
export function refuseToSlice(bucket: Bucket): never {
  throw new UsageError(`a ${bucket.type.name} mark has no parts`);
}
