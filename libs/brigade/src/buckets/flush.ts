// flush: what stands before it should leave now, not wait for more. There is one such bucket, counted like any other.

import { Bucket, type BucketType, keepAsItIs, refuseToSlice } from '../bucket.ts';

export const flushType: BucketType = {
  name: 'flush',
  isMark: true,
  slice: refuseToSlice,
  copy: (bucket) => bucket.retain(),
  read: (bucket) => bucket,
  setaside: keepAsItIs,
  destroy: keepAsItIs,
};

const flush = new Bucket(flushType, null, 0, 0, null, null, null);

export function makeFlush(): Bucket {
  return flush.retain();
}
