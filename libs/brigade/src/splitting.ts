// Splitting a brigade by what is in it: at the end of a line, at a boundary. Files and streams on the way are read in.

import { Brigade } from './brigade.ts';
import type { Bucket } from './bucket.ts';
import { eosType } from './buckets/eos.ts';
import { TruncatedError, UsageError } from './errors.ts';

export interface BoundarySplit {
  /** What came before the boundary, or what cannot be part of one. */
  readonly data: Brigade;
  readonly found: boolean;
}

const lineFeed = 0x0a;

/** See `Brigade.splitLine`. */
export function splitAtLine(brigade: Brigade, max: number): Brigade | 'incomplete' | 'tooLong' {
  let seen = 0;
  let index = 0;
  while (seen < max) {
    const bucket = memoryAt(brigade, index);
    if (bucket === null) return 'incomplete';
    if (bucket.bytes !== null) {
      const length = Math.min(bucket.length, max - seen);
      const found = bucket.bytes.subarray(bucket.start, bucket.start + length).indexOf(lineFeed);
      if (found >= 0) return takeFront(brigade, seen + found + 1);
      seen += length;
    }
    index++;
  }
  return 'tooLong';
}

/**
 * See `Brigade.splitBoundary`. The search is Knuth, Morris and Pratt's: each byte is looked at once, and the number matched so
 * far is all that passes from one bucket to the next.
 */
export function splitAtBoundary(brigade: Brigade, boundary: Uint8Array, max: number): BoundarySplit {
  if (boundary.length === 0) throw new UsageError('a boundary has at least one byte');
  const fallback = fallbacks(boundary);
  let matched = 0;
  let seen = 0;
  for (let index = 0; seen < max; index++) {
    const bucket = memoryAt(brigade, index);
    if (bucket === null) break;
    if (bucket.bytes === null) {
      // Nothing follows an EOS, so what looks like a beginning is none.
      if (bucket.type === eosType) matched = 0;
      continue;
    }
    const { bytes, start } = bucket;
    const end = start + Math.min(bucket.length, max - seen);
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      while (matched > 0 && byte !== boundary[matched]) matched = fallback[matched - 1] as number;
      if (byte === boundary[matched]) matched++;
      if (matched === boundary.length) {
        const data = takeFront(brigade, seen + (i - start) + 1 - boundary.length);
        dropBoundary(brigade, boundary.length, data);
        return { data, found: true };
      }
    }
    seen += end - start;
  }
  return { data: takeFront(brigade, seen - matched), found: false };
}

/** For each prefix, the length of its longest proper prefix that is also its suffix. */
function fallbacks(boundary: Uint8Array): Uint32Array {
  const table = new Uint32Array(boundary.length);
  let length = 0;
  for (let i = 1; i < boundary.length; i++) {
    while (length > 0 && boundary[i] !== boundary[length]) length = table[length - 1] as number;
    if (boundary[i] === boundary[length]) length++;
    table[i] = length;
  }
  return table;
}

/** The bucket at `index` in memory, or a mark; null where there is nothing (yet). */
function memoryAt(brigade: Brigade, index: number): Bucket | null {
  while (index < brigade.count) {
    const got = brigade.read(index);
    if (got === 'wouldBlock') return null;
    if (got === 'truncated') throw new TruncatedError('the file ends before its bucket does');
    if (got !== 'end') return got;
  }
  return null;
}

/** Moves the first `n` bytes into a new brigade, with the marks among them; marks right after them stay. */
function takeFront(brigade: Brigade, n: number): Brigade {
  const front = new Brigade(brigade.pool);
  const buckets = brigade.partition(n) as number;
  for (let i = 0; i < buckets; i++) front.append(brigade.shift() as Bucket);
  return front;
}

/** Drops the first `n` bytes; marks among them move to the end of `data`, for nothing may get lost but the boundary. */
function dropBoundary(brigade: Brigade, n: number, data: Brigade): void {
  const buckets = brigade.partition(n) as number;
  for (let i = 0; i < buckets; i++) {
    const bucket = brigade.shift() as Bucket;
    if (bucket.isMark) data.append(bucket);
    else bucket.release();
  }
}
