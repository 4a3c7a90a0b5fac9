// shared: immutable bytes with many readers (a broadcast frame, a cached file with its head). One bucket object, counted, may
// stand in any number of brigades: `brigade.append(frame.retain())`.

import { type Bucket, type BucketType, keepAsItIs } from '../bucket.ts';
import type { Pool } from '../pool.ts';
import { copyInto, sliceOfSlab, takeFromSlab } from './heap.ts';

export const sharedType: BucketType = {
  name: 'shared',
  isMark: false,
  slice: (bucket, from, length) => sliceOfSlab(sharedType, bucket, from, length),
  copy: (bucket) => bucket.retain(),
  read: (bucket) => bucket,
  setaside: keepAsItIs,
  destroy: keepAsItIs,
};

/** Copies `bytes[start, end)` into the arena once, for any number of readers. */
export function shareBytes(pool: Pool, bytes: Uint8Array, start = 0, end: number = bytes.length): Bucket {
  const bucket = reserveShared(pool, end - start);
  copyInto(bytes, start, bucket.bytes as Uint8Array, bucket.start, end - start);
  return bucket;
}

/** A shared bucket of `length` bytes for the caller to fill in place, before anybody else sees it. */
export function reserveShared(pool: Pool, length: number): Bucket {
  return takeFromSlab(sharedType, pool, pool.sharedRoom(length), length);
}
