// error: whoever produced the bytes before it failed here; carries the status the peer is due and the cause.

import { Bucket, type BucketType, keepAsItIs, refuseToSlice } from '../bucket.ts';

export interface BucketError {
  /** In the numbers of the protocol that reads it, e.g. an HTTP status. */
  readonly status: number;
  readonly error: Error;
}

export const errorType: BucketType = {
  name: 'error',
  isMark: true,
  slice: refuseToSlice,
  copy: (bucket) => bucket.retain(),
  read: (bucket) => bucket,
  setaside: keepAsItIs,
  destroy: keepAsItIs,
};

export function makeError(status: number, error: Error): Bucket {
  const failure: BucketError = { status, error };
  return new Bucket(errorType, null, 0, 0, null, null, failure);
}

/** What an error mark carries. */
export function bucketError(bucket: Bucket): BucketError {
  return bucket.data as BucketError;
}
