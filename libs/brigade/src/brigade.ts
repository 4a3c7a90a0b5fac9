// A brigade is an ordered list of buckets. They move in by `append`, and out by `shift`, `consume` and `destroy`; bytes are
// copied only by `write`, `gather` and `flatten`. What it is made of, and its invariant, stands in queue.ts.

import type { Slab } from './arena.ts';
import type { Bucket, ReadFailure, ReadMode } from './bucket.ts';
import { fileBucket, type FileHandleRef } from './buckets/file.ts';
import { copyInto, heapType, takeFromSlab } from './buckets/heap.ts';
import { runSent, sentType } from './buckets/sent.ts';
import { debugging } from './debug.ts';
import { Failures, NotSentError, UsageError } from './errors.ts';
import { flattenBrigade, gatherMemory, listMemory } from './flatten.ts';
import type { Pool } from './pool.ts';
import { BucketQueue } from './queue.ts';
import { type BoundarySplit, splitAtBoundary, splitAtLine } from './splitting.ts';

/** Longest file bucket: with it, lengths stay small integers, as the engine stores them best. */
const maxFileBucketBytes = 2 ** 30;

export class Brigade extends BucketQueue {
  /** The memory in which `reserve` reserved: valid until the brigade changes again. */
  get reserved(): Uint8Array {
    return (this.queue[this.tail - 1] as Bucket).bytes as Uint8Array;
  }

  /** Moves the buckets from `index` on into a new brigade of the same pool. */
  splitAt(index: number): Brigade {
    if (index < 0 || index > this.count) throw new UsageError(`no bucket ${index} in a brigade of ${this.count}`);
    const rest = new Brigade(this.pool);
    if (index === 0) {
      rest.concat(this);
      return rest;
    }
    const from = this.head + index;
    for (let i = from; i < this.tail; i++) {
      const bucket = this.queue[i] as Bucket;
      this.queue[i] = null;
      this.add(bucket, -1);
      rest.append(bucket);
    }
    this.tail = from;
    if (debugging) this.check();
    return rest;
  }

  /**
   * Cuts at byte `n`: the index of the bucket that starts there (`count` at the very end), after splitting one if it must.
   * `incomplete` if there are fewer bytes, or a stream has none yet; marks at byte `n` come after the cut.
   */
  partition(n: number): number | 'incomplete' {
    if (n < 0) throw new UsageError(`cannot cut at byte ${n}`);
    let index = 0;
    let left = n;
    while (index < this.count && left > 0) {
      const bucket = this.at(index);
      if (bucket.length < 0) {
        const got = this.read(index);
        if (got === 'wouldBlock') return 'incomplete';
        continue;
      }
      if (left < bucket.length) {
        this.cut(index, left);
        return index + 1;
      }
      left -= bucket.length;
      index++;
    }
    return left === 0 ? index : 'incomplete';
  }

  // Reading

  /**
   * The bytes of the bucket at `index` as a bucket in memory, which stays the brigade's. A file or stream bucket gives a first
   * piece, which takes the index; the remainder follows it. A stream at its `end` is removed; a `truncated` file stays.
   */
  read(index: number, mode: ReadMode = 'nonblock'): Bucket | ReadFailure {
    let bucket = this.at(index);
    if (bucket.bytes !== null || bucket.isMark) return bucket;
    if (bucket.refs !== 1 && bucket.length >= 0) {
      const own = bucket.copy();
      this.queue[this.head + index] = own;
      bucket.release();
      bucket = own;
    }
    const before = bucket.length;
    const got = bucket.read(this.pool, mode);
    if (got === 'end') {
      this.removeAt(index).release();
    } else if (typeof got !== 'string') {
      if (before >= 0) this.files -= got.length;
      this.insert(index, got);
      if (bucket.length === 0) this.removeAt(index + 1).release();
    }
    if (debugging) this.check();
    return got;
  }

  /** A copy of the first `max` bytes (all of them by default). Nothing is consumed. */
  flatten(max: number = Number.MAX_SAFE_INTEGER): Uint8Array {
    return flattenBrigade(this, max);
  }

  /**
   * Copies up to `max` bytes of leading memory buckets to `into[at, …)` without consuming them; answers how many. Stops at a
   * file, a stream or a SENT mark; other marks are passed over.
   */
  gather(into: Uint8Array, at: number, max: number): number {
    return gatherMemory(this.queue, this.head, this.tail, into, at, max);
  }

  /**
   * Puts up to `max` leading memory buckets into the caller's array, from index 0; answers how many. They stay the brigade's.
   * Stops where `gather` stops. Each is its own view: `bytes[start, start + length)`.
   */
  iovec(into: Bucket[], max: number): number {
    return listMemory(this.queue, this.head, this.tail, into, max);
  }

  /**
   * Moves everything up to and including the next LF into a new brigade. `incomplete`: no LF yet, nothing moved; `tooLong`: no
   * LF among the first `max` bytes.
   */
  splitLine(max: number): Brigade | 'incomplete' | 'tooLong' {
    return splitAtLine(this, max);
  }

  /**
   * Moves everything before `boundary` into a new brigade and drops the boundary. If it is not there, moves everything except a
   * possible beginning of it at the end, which is held back for more bytes, or until an EOS follows. Looks at `max` bytes.
   */
  splitBoundary(boundary: Uint8Array, max: number = Number.MAX_SAFE_INTEGER): BoundarySplit {
    return splitAtBoundary(this, boundary, max);
  }

  // Writing

  /** Appends a copy of `bytes[start, end)`. Consecutive writes extend one heap bucket for as long as its slab lasts. */
  write(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    while (start < end) {
      const slab = this.pool.room(1);
      const room = slab.bytes.length - slab.used;
      const length = end - start < room ? end - start : room;
      copyInto(bytes, start, slab.bytes, slab.used, length);
      this.extend(slab, length);
      start += length;
    }
  }

  /** Appends text of which every character is one byte (ISO 8859-1). Anything else is refused, and nothing written. */
  writeLatin1(text: string): void {
    const length = text.length;
    if (length === 0) return;
    const slab = this.pool.room(length);
    const bytes = slab.bytes;
    const at = slab.used;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      seen |= code;
      bytes[at + i] = code;
    }
    if (seen > 0xff) {
      // An own block for a long text has no bucket yet: taking and dropping a reference gives it back.
      slab.retain();
      slab.release();
      throw new UsageError('a character above U+00FF in text to be written as ISO 8859-1');
    }
    this.extend(slab, length);
  }

  /**
   * Appends `n` bytes in one piece, for the caller to fill at once: `reserved[offset, offset + n)`, where `offset` is the
   * answer. Until they are filled they hold anything.
   */
  reserve(n: number): number {
    if (n <= 0) throw new UsageError(`cannot reserve ${n} bytes`);
    const slab = this.pool.room(n);
    const offset = slab.used;
    this.extend(slab, n);
    return offset;
  }

  /** Appends `length` bytes of a file from `offset`, in buckets of at most 1 GiB. Takes its own references on the handle. */
  insertFile(handle: FileHandleRef, offset: number, length: number): void {
    if (offset < 0 || length < 0) throw new UsageError(`no such span of a file: ${length} bytes from ${offset}`);
    let left = length;
    let at = offset;
    while (left > 0) {
      const piece = Math.min(left, maxFileBucketBytes);
      this.append(fileBucket(handle, at, piece));
      at += piece;
      left -= piece;
    }
  }

  // Letting go

  /**
   * `n` bytes have left: drops them from the front, splitting a bucket if it must. Marks that are then in front have been
   * reached: they are dropped, and SENT marks told. All are told even if one throws.
   */
  consume(n: number): void {
    if (n < 0 || n > this.memory + this.files) throw new UsageError(`cannot consume ${n} of ${this.length} bytes`);
    let failures: Failures | null = null;
    let left = n;
    while (this.head < this.tail) {
      const bucket = this.queue[this.head] as Bucket;
      const length = bucket.length;
      if (length < 0) break;
      if (length > left) {
        if (left > 0) this.trim(bucket, left);
        left = 0;
        break;
      }
      left -= length;
      this.shift();
      if (bucket.bytes !== null) bucket.release();
      else failures = letGo(bucket, null, failures);
    }
    if (debugging) this.check();
    if (left > 0) throw new UsageError(`cannot consume ${n} bytes past a stream`);
    failures?.rethrow('consuming');
  }

  /** Copies what is only lent, so that the brigade may outlive the current call. */
  setaside(): void {
    for (let i = this.head; i < this.tail; i++) {
      const bucket = this.queue[i] as Bucket;
      if (bucket.refs === 1 || bucket.bytes === null || bucket.slab !== null) {
        bucket.setaside(this.pool);
      } else {
        const own = bucket.copy();
        own.setaside(this.pool);
        this.queue[i] = own;
        bucket.release();
      }
    }
    if (debugging) this.check();
  }

  /** Releases all buckets; SENT marks are told the error. The brigade is empty then, and can be used again. */
  override destroy(error?: Error): void {
    let failures: Failures | null = null;
    while (this.head < this.tail) {
      const bucket = this.shift() as Bucket;
      if (bucket.bytes !== null) bucket.release();
      else failures = letGo(bucket, bucket.type === sentType ? (error ?? new NotSentError()) : null, failures);
    }
    failures?.rethrow('releasing a brigade');
  }

  // Inside

  /** `length` bytes at the slab's end are ours: the last bucket grows over them, or a new one is appended. */
  private extend(slab: Slab, length: number): void {
    if (this.head !== this.tail) {
      const last = this.queue[this.tail - 1] as Bucket;
      // Shared buckets never lie in the slab that is written to, so this one is a heap bucket.
      if (last.slab === slab && last.start + last.length === slab.used && last.refs === 1) {
        slab.used += length;
        last.length += length;
        (last.pool as Pool).charge(length);
        this.memory += length;
        if (debugging) this.check();
        return;
      }
    }
    this.append(takeFromSlab(heapType, this.pool, slab, length));
  }

  /** Cuts the bucket at `index` in two; a bucket that others hold too is replaced by two slices. */
  private cut(index: number, at: number): void {
    const bucket = this.at(index);
    let second: Bucket;
    if (bucket.refs === 1) {
      second = bucket.split(at);
    } else {
      second = bucket.type.slice(bucket, at, bucket.length - at);
      this.queue[this.head + index] = bucket.type.slice(bucket, 0, at);
      bucket.release();
    }
    // The sums are of what was there before the cut; inserting counts the second part again.
    this.add(second, -1);
    this.insert(index + 1, second);
  }

  /** Drops bytes from the first bucket; one that others hold too is replaced by a slice. */
  private trim(bucket: Bucket, by: number): void {
    if (bucket.bytes !== null) this.memory -= by;
    else this.files -= by;
    if (bucket.refs === 1) {
      bucket.advance(by);
    } else {
      this.queue[this.head] = bucket.type.slice(bucket, by, bucket.length - by);
      bucket.release();
    }
  }

}

/** Releases a bucket that may call back (SENT) or close something; what that throws is kept for later. */
function letGo(bucket: Bucket, error: Error | null, failures: Failures | null): Failures | null {
  try {
    try {
      if (bucket.type === sentType) runSent(bucket, error);
    } finally {
      bucket.release();
    }
  } catch (thrown) {
    failures ??= new Failures();
    failures.add(thrown);
  }
  return failures;
}
