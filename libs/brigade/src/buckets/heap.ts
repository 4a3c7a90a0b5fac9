// heap: bytes of our own, in a slab of the arena. Splitting and copying share the slab.

import type { Slab } from '../arena.ts';
import { Bucket, type BucketType, keepAsItIs } from '../bucket.ts';
import type { Pool } from '../pool.ts';

export const heapType: BucketType = {
  name: 'heap',
  isMark: false,
  slice: (bucket, from, length) => sliceOfSlab(heapType, bucket, from, length),
  copy: (bucket) => sliceOfSlab(heapType, bucket, 0, bucket.length),
  read: (bucket) => bucket,
  setaside: keepAsItIs,
  destroy: keepAsItIs,
};

/** A bucket over the next `length` bytes of a slab that has room for them. */
export function takeFromSlab(type: BucketType, pool: Pool, slab: Slab, length: number): Bucket {
  const start = slab.used;
  slab.used = start + length;
  slab.retain();
  pool.charge(length);
  return new Bucket(type, slab.bytes, start, length, slab, pool, null);
}

export function sliceOfSlab(type: BucketType, bucket: Bucket, from: number, length: number): Bucket {
  const slab = bucket.slab as Slab;
  slab.retain();
  (bucket.pool as Pool).charge(length);
  return new Bucket(type, bucket.bytes, bucket.start + from, length, slab, bucket.pool, null);
}

/** A heap bucket with a copy of `bytes[start, end)`, in one piece. */
export function heapBytes(pool: Pool, bytes: Uint8Array, start = 0, end: number = bytes.length): Bucket {
  const bucket = takeFromSlab(heapType, pool, pool.room(end - start), end - start);
  copyInto(bytes, start, bucket.bytes as Uint8Array, bucket.start, end - start);
  return bucket;
}

/**
 * A heap bucket of what `fill` put into up to `max` bytes. `fill` gets the memory and its bounds, and answers how many bytes it
 * wrote; if that is none, its answer (0 or less) is answered here.
 */
export function heapFilled(pool: Pool, max: number, fill: (into: Uint8Array, start: number, end: number) => number): Bucket | number {
  const slab = pool.room(max);
  // The region is taken before `fill` runs, so that nothing it does can be handed the same bytes.
  const bucket = takeFromSlab(heapType, pool, slab, max);
  const start = bucket.start;
  let got = 0;
  try {
    got = fill(slab.bytes, start, start + max);
  } finally {
    bucket.shorten(got > 0 ? got : 0);
    if (slab.used === start + max) slab.used = start + bucket.length;
    if (got <= 0) bucket.release();
  }
  return got > 0 ? bucket : got;
}

/** A whole array is best set at once, even a short one; part of one needs a view, which costs as much as 32 bytes by hand. */
export function copyInto(from: Uint8Array, start: number, into: Uint8Array, at: number, length: number): void {
  if (length === from.length && length > 12) {
    into.set(from, at);
  } else if (length <= 32) {
    for (let i = 0; i < length; i++) into[at + i] = from[start + i] as number;
  } else {
    into.set(from.subarray(start, start + length), at);
  }
}
