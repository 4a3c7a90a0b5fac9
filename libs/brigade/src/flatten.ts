// Copying a brigade's bytes together, and listing them where they are.

import type { Brigade } from './brigade.ts';
import type { Bucket } from './bucket.ts';
import { fileHandle } from './buckets/file.ts';
import { copyInto } from './buckets/heap.ts';
import { sentType } from './buckets/sent.ts';
import { TruncatedError, UsageError } from './errors.ts';

/** See `Brigade.flatten`. Files are read straight into the result; streams become heap buckets first. */
export function flattenBrigade(brigade: Brigade, max: number): Uint8Array {
  const length = lengthUpTo(brigade, max);
  const result = new Uint8Array(length);
  let at = 0;
  for (let i = 0; at < length; i++) {
    const bucket = brigade.at(i);
    const take = Math.min(bucket.length, length - at);
    if (bucket.bytes !== null) copyInto(bucket.bytes, bucket.start, result, at, take);
    else if (take > 0) readFully(bucket, result, at, take);
    at += take;
  }
  return result;
}

/** How many bytes there are, if fewer than `max`; reads the streams among them. */
function lengthUpTo(brigade: Brigade, max: number): number {
  let length = 0;
  for (let i = 0; i < brigade.count && length < max; i++) {
    if (brigade.at(i).length < 0) {
      const got = brigade.read(i);
      if (got === 'wouldBlock') throw new UsageError('a stream in the brigade has no bytes yet');
      if (got === 'end') {
        i--;
        continue;
      }
    }
    length += brigade.at(i).length;
  }
  return Math.min(length, max);
}

function readFully(bucket: Bucket, into: Uint8Array, at: number, length: number): void {
  const source = fileHandle(bucket).source;
  let done = 0;
  while (done < length) {
    const got = source.readSync(into, at + done, length - done, bucket.start + done);
    if (got <= 0) throw new TruncatedError(`the file ends ${length - done} bytes early`);
    done += got;
  }
}

/** See `Brigade.gather`. */
export function gatherMemory(queue: (Bucket | null)[], head: number, tail: number, into: Uint8Array, at: number, max: number): number {
  let done = 0;
  for (let i = head; i < tail && done < max; i++) {
    const bucket = queue[i] as Bucket;
    if (bucket.bytes === null) {
      if (bucket.length !== 0 || bucket.type === sentType) break;
      continue;
    }
    const take = bucket.length < max - done ? bucket.length : max - done;
    copyInto(bucket.bytes, bucket.start, into, at + done, take);
    done += take;
  }
  return done;
}

/** See `Brigade.iovec`. */
export function listMemory(queue: (Bucket | null)[], head: number, tail: number, into: Bucket[], max: number): number {
  let found = 0;
  for (let i = head; i < tail && found < max; i++) {
    const bucket = queue[i] as Bucket;
    if (bucket.bytes !== null) into[found++] = bucket;
    else if (bucket.length !== 0 || bucket.type === sentType) break;
  }
  return found;
}
