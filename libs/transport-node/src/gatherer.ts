// Gathers the memory at the head of a brigade into one contiguous buffer, so that it leaves in one system call.
//
// In a fan-out the same shared buckets go to thousands of endpoints, one after the other. The bytes of a shared bucket never
// change, so the gatherer remembers which ones the buffer begins with, and copies only what differs. (Its bounds can change,
// by a partial write when it has one holder left, so they are remembered too.)
//
//     buffer[0, #knownBytes) = the bytes of #known[0], …, #known[#knownCount - 1], end to end, within #bounds
//
// Marks take no room and are passed over. Gathering ends at a file, a stream, or the end of the buffer.

import type { Brigade, Bucket } from '@sluice/brigade';

/** How many shared buckets at most are recognised again. */
const maxKnown = 256;

export class Gatherer {
  readonly buffer: Uint8Array;
  /** Whether the last gathering ended at a file, so that more can be sent right behind it. */
  fileFollows = false;
  readonly #known: Bucket[] = [];
  /** Start and length of each known bucket, in turn. */
  readonly #bounds = new Int32Array(2 * maxKnown);
  #knownCount = 0;
  #knownBytes = 0;

  constructor(buffer: Uint8Array) {
    this.buffer = buffer;
  }

  /** Fills the buffer from offset 0; answers the number of bytes. The brigade stays as it is. */
  gather(brigade: Brigade): number {
    const { count } = brigade;
    let index = this.#recognise(brigade, count);
    let at = this.#knownBytes;
    let sharedSoFar = true;
    this.fileFollows = false;
    for (; index < count; index++) {
      const bucket = brigade.at(index);
      const { bytes } = bucket;
      if (bytes === null) {
        if (bucket.type.isMark) {
          sharedSoFar = false;
          continue;
        }
        this.fileFollows = bucket.type.name === 'file';
        break;
      }
      const room = this.buffer.length - at;
      if (bucket.length > room) {
        copyInto(bytes, bucket.start, bucket.start + room, this.buffer, at);
        return at + room;
      }
      copyInto(bytes, bucket.start, bucket.start + bucket.length, this.buffer, at);
      at += bucket.length;
      sharedSoFar &&= bucket.type.name === 'shared' && this.#knownCount < maxKnown;
      if (sharedSoFar) {
        this.#bounds[2 * this.#knownCount] = bucket.start;
        this.#bounds[2 * this.#knownCount + 1] = bucket.length;
        this.#known[this.#knownCount++] = bucket;
        this.#knownBytes = at;
      }
    }
    return at;
  }

  /** Skips the buckets which the buffer begins with already; answers how many. Forgets them when they are others. */
  #recognise(brigade: Brigade, count: number): number {
    const known = this.#knownCount;
    if (known <= count) {
      let index = 0;
      while (index < known && this.#isKnown(brigade.at(index), index)) index++;
      if (index === known) return known;
    }
    this.#knownCount = 0;
    this.#knownBytes = 0;
    return 0;
  }

  #isKnown(bucket: Bucket, index: number): boolean {
    return (
      bucket === this.#known[index] &&
      bucket.start === this.#bounds[2 * index] &&
      bucket.length === this.#bounds[2 * index + 1]
    );
  }
}

/** Below this a loop beats making the view that `set` needs. */
const smallBytes = 96;

/** Copies `from[start, end)` to `into` at `at`. */
export function copyInto(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): void {
  if (end - start > smallBytes) {
    into.set(start === 0 && end === from.length ? from : from.subarray(start, end), at);
    return;
  }
  for (let source = start, target = at; source < end; source++, target++) into[target] = from[source];
}

/** Copies up to `max` bytes of the memory at the head of a brigade into an array of their own. */
export function copyLeading(brigade: Brigade, max: number): Uint8Array {
  const { count } = brigade;
  let total = 0;
  for (let index = 0; index < count && total < max; index++) {
    const { bytes, length, type } = brigade.at(index);
    if (bytes !== null) total += length;
    else if (!type.isMark) break;
  }
  const copied = new Uint8Array(Math.min(total, max));
  let at = 0;
  for (let index = 0; at < copied.length; index++) {
    const { bytes, start, length } = brigade.at(index);
    if (bytes === null) continue;
    const part = Math.min(length, copied.length - at);
    copyInto(bytes, start, start + part, copied, at);
    at += part;
  }
  return copied;
}

/** Drops `n` bytes and the marks behind them from the front; each mark goes to `passed`. */
export function takeLeading(brigade: Brigade, n: number, passed: { pass(mark: Bucket): void }): void {
  let left = n;
  for (let head = brigade.first(); head !== null; head = brigade.first()) {
    if (head.type.isMark) {
      brigade.shift();
      passed.pass(head);
      continue;
    }
    if (head.length < 0) return; // a stream: nothing of it has been sent
    if (head.length > left) {
      if (left > 0) brigade.consume(left);
      return;
    }
    left -= head.length;
    brigade.shift();
    head.destroy();
  }
}
