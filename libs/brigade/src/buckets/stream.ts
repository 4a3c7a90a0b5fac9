// stream: bytes still to be read from a socket or pipe. Its length is unknown (-1) until the source says that it is at its end,
// so it can't be split or copied; reading turns what is there into heap buckets in front of it.

import { Bucket, type BucketType, keepAsItIs } from '../bucket.ts';
import { UsageError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { heapFilled } from './heap.ts';

export interface StreamSource {
  /** Puts bytes into `into[start, end)`: how many (> 0), 0 when there are none yet, -1 at the end. */
  read(into: Uint8Array, start: number, end: number): number;
  /** As `read`, but waits for bytes. Only sources that can (a pipe read synchronously) have it. */
  readBlocking?(into: Uint8Array, start: number, end: number): number;
  /** Calls back once when `read` is worth trying again. */
  onReadable(callback: () => void): void;
  /** Nobody will read any more. */
  close(): void;
}

export const streamType: BucketType = {
  name: 'stream',
  isMark: false,
  slice: refuseUnread,
  copy: refuseUnread,
  read(bucket, pool, mode) {
    const source = streamSource(bucket);
    const max = pool.arena.packedBytes;
    const got = heapFilled(pool, max, (into, start, end) => {
      if (mode === 'nonblock') return source.read(into, start, end);
      if (source.readBlocking === undefined) throw new UsageError('this source cannot block: wait with onReadable');
      return source.readBlocking(into, start, end);
    });
    if (typeof got !== 'number') return got;
    return got === 0 ? 'wouldBlock' : 'end';
  },
  setaside: keepAsItIs,
  destroy(bucket) {
    bucket.pool?.chargeHandles(-1);
    streamSource(bucket).close();
  },
};

/** Takes the source over: it is closed with the bucket. Counted as a handle of `pool`, if one is given. */
export function streamBucket(source: StreamSource, pool: Pool | null = null): Bucket {
  pool?.chargeHandles(1);
  return new Bucket(streamType, null, 0, -1, null, pool, source);
}

function refuseUnread(): never {
  throw new UsageError('a stream bucket cannot be split or copied before it is read');
}

/** The source behind a stream bucket. */
export function streamSource(bucket: Bucket): StreamSource {
  return bucket.data as StreamSource;
}
