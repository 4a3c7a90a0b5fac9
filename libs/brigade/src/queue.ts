// The queue under a brigade: an array of bucket references, borrowed from the arena while there is something in it, so that
// an idle brigade owns nothing. Appending and shifting take constant time; sums are kept as buckets come and go.
//
//     0 ≤ head ≤ tail ≤ queue.length; queue[i] ≠ null ⇔ head ≤ i < tail; memory, files, streams = sums over the entries;
//     head = tail ⇔ nothing is borrowed and the pool does not know the holder

import type { Bucket } from './bucket.ts';
import { assert, debugging } from './debug.ts';
import { UsageError } from './errors.ts';
import type { Holder, Pool } from './pool.ts';

const nothing: (Bucket | null)[] = [];

export abstract class BucketQueue implements Holder {
  readonly pool: Pool;
  newerHolder: Holder | null = null;
  olderHolder: Holder | null = null;
  protected queue = nothing;
  protected head = 0;
  protected tail = 0;
  protected memory = 0;
  protected files = 0;
  protected streams = 0;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  get isEmpty(): boolean {
    return this.head === this.tail;
  }

  /** Buckets, marks included. */
  get count(): number {
    return this.tail - this.head;
  }

  /** Bytes of all buckets; -1 if there is a stream, of which nobody knows. */
  get length(): number {
    return this.streams === 0 ? this.memory + this.files : -1;
  }

  /** Bytes of the buckets that are in memory. */
  get memoryBytes(): number {
    return this.memory;
  }

  /** Moves the bucket in at the end; its reference is the brigade's from now on. */
  append(bucket: Bucket): void {
    if (debugging) assert(bucket.refs > 0, 'bucket.refs > 0 when it is appended');
    if (this.head === this.tail) this.open();
    else if (this.tail === this.queue.length) this.makeRoomAtTail();
    this.queue[this.tail++] = bucket;
    this.add(bucket, 1);
    if (debugging) this.check();
  }

  /** Moves the bucket in at the front. */
  prepend(bucket: Bucket): void {
    if (debugging) assert(bucket.refs > 0, 'bucket.refs > 0 when it is prepended');
    this.insert(0, bucket);
  }

  /** Moves all buckets of the other brigade to the end of this one. */
  concat(other: BucketQueue): void {
    if (other === this) throw new UsageError('a brigade cannot be appended to itself');
    if (other.head === other.tail) return;
    if (this.head === this.tail) {
      this.pool.addHolder(this);
      this.queue = other.queue;
      this.head = other.head;
      this.tail = other.tail;
      other.queue = nothing;
      other.head = 0;
      other.tail = 0;
      other.pool.removeHolder(other);
    } else {
      for (let i = other.head; i < other.tail; i++) {
        if (this.tail === this.queue.length) this.makeRoomAtTail();
        this.queue[this.tail++] = other.queue[i] as Bucket;
        other.queue[i] = null;
      }
      other.close();
    }
    this.memory += other.memory;
    this.files += other.files;
    this.streams += other.streams;
    other.memory = 0;
    other.files = 0;
    other.streams = 0;
    if (debugging) {
      this.check();
      other.check();
    }
  }

  /** The bucket at an index from 0 to `count - 1`. It stays the brigade's. */
  at(index: number): Bucket {
    if (index < 0 || index >= this.tail - this.head) throw new UsageError(`no bucket ${index} in a brigade of ${this.count}`);
    return this.queue[this.head + index] as Bucket;
  }

  first(): Bucket | null {
    return this.head === this.tail ? null : (this.queue[this.head] as Bucket);
  }

  last(): Bucket | null {
    return this.head === this.tail ? null : (this.queue[this.tail - 1] as Bucket);
  }

  /** Moves the first bucket out; its reference is the caller's. A SENT mark is not run. */
  shift(): Bucket | null {
    if (this.head === this.tail) return null;
    const bucket = this.queue[this.head] as Bucket;
    this.queue[this.head++] = null;
    this.add(bucket, -1);
    if (this.head === this.tail) this.close();
    if (debugging) this.check();
    return bucket;
  }

  abstract destroy(error?: Error): void;

  // For the brigade

  /** Keeps the sums as a bucket comes (1) or goes (-1). */
  protected add(bucket: Bucket, sign: 1 | -1): void {
    if (bucket.bytes !== null) this.memory += sign * bucket.length;
    else if (bucket.length < 0) this.streams += sign;
    else if (bucket.length > 0) this.files += sign * bucket.length;
  }

  /** From empty to not. */
  private open(): void {
    this.pool.addHolder(this);
    this.queue = this.pool.arena.takeQueue();
  }

  /** From not empty to empty. */
  protected close(): void {
    this.pool.arena.giveQueue(this.queue);
    this.queue = nothing;
    this.head = 0;
    this.tail = 0;
    this.pool.removeHolder(this);
  }

  private makeRoomAtTail(): void {
    if (this.head > this.tail >> 1) {
      this.queue.copyWithin(0, this.head, this.tail);
      this.tail -= this.head;
      this.head = 0;
      this.queue.fill(null, this.tail);
    } else {
      for (let i = this.queue.length; i > 0; i--) this.queue.push(null);
    }
  }

  /** The bucket takes the index; those from there on move up by one. */
  protected insert(index: number, bucket: Bucket): void {
    if (this.head === this.tail) {
      this.append(bucket);
      return;
    }
    const at = this.head + index;
    if (index === 0 && this.head > 0) {
      this.queue[--this.head] = bucket;
    } else {
      if (this.tail === this.queue.length) this.queue.push(null);
      this.queue.copyWithin(at + 1, at, this.tail);
      this.queue[at] = bucket;
      this.tail++;
    }
    this.add(bucket, 1);
    if (debugging) this.check();
  }

  /** Takes a bucket out of the middle; its reference is the caller's. */
  protected removeAt(index: number): Bucket {
    const at = this.head + index;
    const bucket = this.queue[at] as Bucket;
    this.queue.copyWithin(at, at + 1, this.tail);
    this.queue[--this.tail] = null;
    this.add(bucket, -1);
    if (this.head === this.tail) this.close();
    return bucket;
  }

  /** The invariant above, in debug mode. */
  protected check(): void {
    const { head, tail, queue } = this;
    assert(head >= 0 && head <= tail && tail <= queue.length, '0 ≤ head ≤ tail ≤ queue.length');
    assert((head === tail) === (queue === nothing), 'head = tail ⇔ no queue is borrowed');
    let memory = 0;
    let files = 0;
    let streams = 0;
    for (let i = 0; i < queue.length; i++) {
      const bucket = queue[i] as Bucket | null;
      assert((bucket !== null) === (head <= i && i < tail), 'queue[i] ≠ null ⇔ head ≤ i < tail');
      if (bucket === null) continue;
      assert(bucket.refs > 0, 'every entry is alive');
      const { slab, start, length } = bucket;
      if (slab !== null) assert(start >= 0 && length >= 0 && start + length <= slab.used && slab.refs > 0, 'start ≥ 0, start + length ≤ slab.used');
      if (bucket.bytes !== null) memory += length;
      else if (length < 0) streams++;
      else files += length;
    }
    assert(memory === this.memory && files === this.files && streams === this.streams, 'the sums are those of the entries');
  }
}
