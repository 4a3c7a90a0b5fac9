// eos: nothing follows (the end of a message body, say). There is one such bucket, counted like any other.

import { Bucket, type BucketType, keepAsItIs, refuseToSlice } from '../bucket.ts';

export const eosType: BucketType = {
  name: 'eos',
  isMark: true,
  slice: refuseToSlice,
  copy: (bucket) => bucket.retain(),
  read: (bucket) => bucket,
  setaside: keepAsItIs,
  destroy: keepAsItIs,
};

const eos = new Bucket(eosType, null, 0, 0, null, null, null);

export function makeEos(): Bucket {
  return eos.retain();
}
