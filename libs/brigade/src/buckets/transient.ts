// transient: bytes somebody lends us and will reuse. It must leave, or be set aside (copied), before that.

import { Bucket, type BucketType, keepAsItIs } from '../bucket.ts';
import { UsageError } from '../errors.ts';
import { copyInto, heapType } from './heap.ts';

export const transientType: BucketType = {
  name: 'transient',
  isMark: false,
  slice: (bucket, from, length) => new Bucket(transientType, bucket.bytes, bucket.start + from, length, null, null, null),
  copy: (bucket) => new Bucket(transientType, bucket.bytes, bucket.start, bucket.length, null, null, null),
  read: (bucket) => bucket,
  setaside(bucket, pool) {
    if (bucket.refs !== 1) throw new UsageError('a bucket with several references cannot be set aside in place');
    const slab = pool.room(bucket.length);
    const start = slab.used;
    slab.used = start + bucket.length;
    slab.retain();
    pool.charge(bucket.length);
    copyInto(bucket.bytes as Uint8Array, bucket.start, slab.bytes, start, bucket.length);
    bucket.type = heapType;
    bucket.bytes = slab.bytes;
    bucket.start = start;
    bucket.slab = slab;
    bucket.pool = pool;
  },
  destroy: keepAsItIs,
};

/** Refers to `bytes[start, end)` without copying; valid as long as the lender leaves them alone. */
export function transientBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): Bucket {
  return new Bucket(transientType, bytes, start, end - start, null, null, null);
}
