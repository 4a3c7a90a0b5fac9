// A pool is what resources hang on. Clearing or destroying it runs, in this order: pre-cleanups (last first), subpools (last
// first), cleanups (last first), and then releases what its brigades still hold.
//
// A root pool owns an arena of slabs, which all its subpools share. Bytes and handles are charged to the pool they were made
// in. Buckets may outlive their pool (a frame still queued elsewhere): the parent then inherits the charge, so that the
// root's `outstanding()` is always the truth. An idle pool is one small object: all lists are intrusive and empty.

import { Arena, type ArenaOptions, type Slab } from './arena.ts';
import { Cleanup, type CleanupList } from './cleanup.ts';
import { assert, debugging } from './debug.ts';
import { Failures, NotSentError, UsageError } from './errors.ts';

export type PoolOptions = ArenaOptions;

export interface Outstanding {
  /** Lengths of live heap and shared buckets. */
  readonly bytes: number;
  /** Open file handles and stream sources. */
  readonly handles: number;
}

/** A brigade that holds something. It hangs on its pool exactly as long as it does. */
export interface Holder {
  newerHolder: Holder | null;
  olderHolder: Holder | null;
  destroy(error?: Error): void;
}

const live = 0;
const clearing = 1;
const gone = 2;

export class Pool implements CleanupList {
  readonly name: string;
  readonly arena: Arena;
  readonly parent: Pool | null;
  newestCleanup: Cleanup | null = null;
  private preCleanups: CleanupList | null = null;
  private newestHolder: Holder | null = null;
  private newestChild: Pool | null = null;
  private newerSibling: Pool | null = null;
  private olderSibling: Pool | null = null;
  private ownBytes = 0;
  private ownHandles = 0;
  private state = live;

  /** A root pool with an arena of its own. `subpool` makes the others; they pass `parent` along. */
  constructor(name = '', options: PoolOptions = {}, parent: Pool | null = null) {
    this.name = name;
    this.parent = parent;
    this.arena = parent === null ? new Arena(options) : parent.arena;
    if (parent === null) return;
    const sibling = parent.newestChild;
    this.olderSibling = sibling;
    if (sibling !== null) sibling.newerSibling = this;
    parent.newestChild = this;
  }

  get destroyed(): boolean {
    return this.state === gone;
  }

  /** A pool that goes when this one goes, and shares its arena. */
  subpool(name = ''): Pool {
    this.mustLive();
    return new Pool(name, undefined, this);
  }

  /** Runs when the pool is cleared or destroyed, after its subpools have gone; last first. */
  onDestroy(callback: () => void): Cleanup {
    this.mustLive();
    return new Cleanup(this, callback);
  }

  /** Runs when the pool is cleared or destroyed, while its subpools are still there; last first. */
  beforeDestroy(callback: () => void): Cleanup {
    this.mustLive();
    this.preCleanups ??= { newestCleanup: null };
    return new Cleanup(this.preCleanups, callback);
  }

  /** Everything that hangs on it goes; the pool itself can be used again. All cleanups run, even if some throw. */
  clear(): void {
    if (this.state !== live) return;
    this.state = clearing;
    const failures = new Failures();
    this.tearDown(failures);
    // A cleanup may have destroyed this very pool.
    if ((this.state as number) === clearing) this.state = live;
    failures.rethrow(`clearing pool ${this.name}`);
  }

  /** As `clear`, for good. A root pool gives its slabs up. Doing it twice is no mistake. */
  destroy(): void {
    if (this.state === gone) return;
    const failures = new Failures();
    this.state = clearing;
    this.tearDown(failures);
    this.state = gone;
    const parent = this.parent;
    if (parent === null) {
      this.arena.close();
    } else {
      this.leaveParent(parent);
      parent.charge(this.ownBytes);
      parent.chargeHandles(this.ownHandles);
      this.ownBytes = 0;
      this.ownHandles = 0;
    }
    if (debugging) assert(this.newestChild === null && this.newestCleanup === null, 'nothing hangs on a destroyed pool');
    failures.rethrow(`destroying pool ${this.name}`);
  }

  /** True for any pool below this one. A pool is not its own ancestor. */
  isAncestorOf(other: Pool): boolean {
    for (let pool = other.parent; pool !== null; pool = pool.parent) if (pool === this) return true;
    return false;
  }

  /** What is still referenced of all that this pool and its subpools made. */
  outstanding(): Outstanding {
    const total = { bytes: 0, handles: 0 };
    this.addOutstanding(total);
    return total;
  }

  /** For buckets: a slab with `length` free bytes in one piece, from `slab.used` on. */
  room(length: number): Slab {
    if (this.state === gone) this.mustLive();
    return this.arena.room(length);
  }

  /** As `room`, for buckets that live long. */
  sharedRoom(length: number): Slab {
    if (this.state === gone) this.mustLive();
    return this.arena.sharedRoom(length);
  }

  /** For buckets: so many bytes more (or fewer) are referenced. */
  charge(bytes: number): void {
    if (this.state === gone) this.heir().ownBytes += bytes;
    else this.ownBytes += bytes;
  }

  /** For handles and streams: as `charge`. */
  chargeHandles(handles: number): void {
    if (this.state === gone) this.heir().ownHandles += handles;
    else this.ownHandles += handles;
  }

  /** For brigades: this one holds something from now on. */
  addHolder(holder: Holder): void {
    if (this.state === gone) this.mustLive();
    const older = this.newestHolder;
    holder.olderHolder = older;
    if (older !== null) older.newerHolder = holder;
    this.newestHolder = holder;
  }

  /** For brigades: this one is empty again. */
  removeHolder(holder: Holder): void {
    const newer = holder.newerHolder;
    const older = holder.olderHolder;
    if (newer === null) this.newestHolder = older;
    else newer.olderHolder = older;
    if (older !== null) older.newerHolder = newer;
    holder.newerHolder = null;
    holder.olderHolder = null;
  }

  /** Each step takes one thing off before it runs it, so a callback may add, remove, or tear down what it likes. */
  private tearDown(failures: Failures): void {
    for (;;) {
      try {
        if (this.preCleanups?.newestCleanup) this.preCleanups.newestCleanup.run();
        else if (this.newestChild !== null) this.newestChild.destroy();
        else if (this.newestCleanup !== null) this.newestCleanup.run();
        else if (this.newestHolder !== null) this.newestHolder.destroy(new NotSentError(`pool ${this.name} went before everything was sent`));
        else return;
      } catch (error) {
        failures.add(error);
      }
    }
  }

  private addOutstanding(total: { bytes: number; handles: number }): void {
    total.bytes += this.ownBytes;
    total.handles += this.ownHandles;
    for (let child = this.newestChild; child !== null; child = child.olderSibling) child.addOutstanding(total);
  }

  private leaveParent(parent: Pool): void {
    if (this.newerSibling !== null) this.newerSibling.olderSibling = this.olderSibling;
    else if (parent.newestChild === this) parent.newestChild = this.olderSibling;
    if (this.olderSibling !== null) this.olderSibling.newerSibling = this.newerSibling;
    this.newerSibling = null;
    this.olderSibling = null;
  }

  private heir(): Pool {
    let pool: Pool = this; // oxlint-disable-line typescript/no-this-alias -- the start of a walk upwards
    while (pool.state === gone && pool.parent !== null) pool = pool.parent;
    return pool;
  }

  private mustLive(): void {
    if (this.state === gone) throw new UsageError(`pool ${this.name} is destroyed`);
  }
}
