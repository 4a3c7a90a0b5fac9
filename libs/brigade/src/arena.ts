// Where memory buckets keep their bytes: slabs of one size, filled front to back by everybody who shares the arena.
//
// A slab counts the buckets that refer to it. When the last one goes, the slab is empty again: the tail slab starts over
// from its first byte (warm in the cache), any other returns to the free list, which is bounded. Blocks too large to be
// packed get memory of their own, which goes when their last bucket goes. Bytes past `used` belong to nobody; bytes before
// it never move and are never written again while a bucket refers to the slab.
//
//     0 ≤ bucket.start ≤ bucket.start + bucket.length ≤ slab.used ≤ slab.bytes.length, slab.refs = buckets that refer to it

import type { Bucket } from './bucket.ts';
import { assert, debugging, poison } from './debug.ts';

export interface ArenaOptions {
  /** Size of a slab. Default 65,536. */
  readonly slabBytes?: number;
  /** How many empty slabs are kept for reuse. Default 64 (4 MiB). */
  readonly maxFreeSlabs?: number;
  /** Where slabs come from: exactly `bytes` long. Default: a plain ArrayBuffer. A transport may give mmap'd memory. */
  readonly allocateSlab?: (bytes: number) => Uint8Array;
  /** Takes a slab back for good. Default: left to the garbage collector. */
  readonly freeSlab?: (slab: Uint8Array) => void;
}

let lastSlabId = 0;

/** One piece of memory that buckets refer to. */
export class Slab {
  /** Unique in the process for the life of this memory: a key for what a transport keeps per slab. */
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Where the next bytes go. */
  used = 0;
  /** Live buckets that refer to it. */
  refs = 0;
  /** For a transport: the native address of `bytes[0]` once it has found out, else 0. The arena never touches it. */
  address = 0;
  readonly arena: Arena;

  constructor(arena: Arena, bytes: Uint8Array) {
    this.id = ++lastSlabId;
    this.arena = arena;
    this.bytes = bytes;
  }

  retain(): void {
    if (this.refs++ === 0) this.arena.busySlabs++;
  }

  release(): void {
    if (debugging) assert(this.refs > 0, 'slab.refs > 0 when a bucket lets go');
    if (--this.refs === 0) this.arena.reclaim(this);
  }
}

const maxFreeQueues = 4096;
const queueSlots = 8;
/** Queues that grew past this are not kept. */
const maxQueueSlots = 64;

/** Owned by a root pool and shared by all pools under it. */
export class Arena {
  readonly slabBytes: number;
  /** What is longer than this gets a block of its own. */
  readonly packedBytes: number;
  /** Slabs and blocks with at least one bucket in them. */
  busySlabs = 0;
  private readonly maxFreeSlabs: number;
  private readonly allocate: (bytes: number) => Uint8Array;
  private readonly free: ((slab: Uint8Array) => void) | null;
  private readonly freeSlabs: Slab[] = [];
  private readonly freeQueues: (Bucket | null)[][] = [];
  private tail: Slab | null = null;
  // Broadcast frames and cached files outlive what connections write, so they don't share slabs with it.
  private sharedTail: Slab | null = null;
  private closed = false;

  constructor(options: ArenaOptions) {
    this.slabBytes = options.slabBytes ?? 65_536;
    this.packedBytes = Math.max(1, this.slabBytes >> 2);
    this.maxFreeSlabs = options.maxFreeSlabs ?? 64;
    this.allocate = options.allocateSlab ?? allocatePlain;
    this.free = options.freeSlab ?? null;
  }

  /** Empty slabs kept for reuse, the current tails among them. */
  get idleSlabs(): number {
    let count = this.freeSlabs.length;
    if (this.tail !== null && this.tail.refs === 0) count++;
    if (this.sharedTail !== null && this.sharedTail.refs === 0) count++;
    return count;
  }

  /** The slab whose next `length` bytes are free, in one piece. A block of its own if it is too long to be packed. */
  room(length: number): Slab {
    const tail = this.tail;
    if (tail !== null && tail.bytes.length - tail.used >= length) return tail;
    if (length > this.packedBytes) return new Slab(this, this.allocate(length));
    return (this.tail = this.fresh());
  }

  /** As `room`, among buckets that live long. */
  sharedRoom(length: number): Slab {
    const tail = this.sharedTail;
    if (tail !== null && tail.bytes.length - tail.used >= length) return tail;
    if (length > this.packedBytes) return new Slab(this, this.allocate(length));
    return (this.sharedTail = this.fresh());
  }

  /** The last reference to a slab has gone. */
  reclaim(slab: Slab): void {
    this.busySlabs--;
    if (debugging) slab.bytes.fill(poison, 0, slab.used);
    slab.used = 0;
    if (slab === this.tail || slab === this.sharedTail) return;
    if (!this.closed && slab.bytes.length === this.slabBytes && this.freeSlabs.length < this.maxFreeSlabs) this.freeSlabs.push(slab);
    else this.free?.(slab.bytes);
  }

  /** Lets go of all idle memory and keeps none from now on. What is still referenced is freed with its last bucket. */
  close(): void {
    this.closed = true;
    for (const slab of this.freeSlabs) this.free?.(slab.bytes);
    this.freeSlabs.length = 0;
    this.freeQueues.length = 0;
    const tails = [this.tail, this.sharedTail];
    this.tail = null;
    this.sharedTail = null;
    for (const slab of tails) if (slab !== null && slab.refs === 0) this.free?.(slab.bytes);
  }

  /** An empty array for a brigade that stops being empty; all its slots are null. */
  takeQueue(): (Bucket | null)[] {
    return this.freeQueues.pop() ?? emptyQueue();
  }

  giveQueue(queue: (Bucket | null)[]): void {
    if (queue.length <= maxQueueSlots && this.freeQueues.length < maxFreeQueues && !this.closed) this.freeQueues.push(queue);
  }

  private fresh(): Slab {
    return this.freeSlabs.pop() ?? new Slab(this, this.allocate(this.slabBytes));
  }
}

function allocatePlain(bytes: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(bytes));
}

function emptyQueue(): (Bucket | null)[] {
  const queue: (Bucket | null)[] = [];
  for (let i = 0; i < queueSlots; i++) queue.push(null);
  return queue;
}
