// sent: calls back exactly once, with null when everything before it has been handed to the peer's side, or with an error when
// that can no longer happen. Apache's end-of-request bucket: the place to log a request and free its scope.

import { Bucket, type BucketType, keepAsItIs, refuseToSlice } from '../bucket.ts';
import { NotSentError, UsageError } from '../errors.ts';

export type SentCallback = (error: Error | null) => void;

export const sentType: BucketType = {
  name: 'sent',
  isMark: true,
  slice: refuseToSlice,
  copy() {
    throw new UsageError('a SENT mark has one place and cannot be copied');
  },
  read: (bucket) => bucket,
  setaside: keepAsItIs,
  destroy(bucket) {
    if (bucket.data !== null) runSent(bucket, new NotSentError());
  },
};

export function makeSent(callback: SentCallback): Bucket {
  return new Bucket(sentType, null, 0, 0, null, null, callback);
}

/** Calls back, unless that has happened. */
export function runSent(bucket: Bucket, error: Error | null): void {
  const callback = bucket.data as SentCallback | null;
  bucket.data = null;
  callback?.(error);
}
