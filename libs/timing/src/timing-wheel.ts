// A hashed hierarchical timing wheel: any number of deadlines, arming and cancelling in constant time.
//
// Eight levels of 32 slots. A slot of level n spans 32^n ticks, so the wheel reaches 2^40 ticks ahead (348 years of 10 ms).
// A deadline hangs in the slot that its tick falls into, on the lowest level whose reach covers it. When time enters a slot
// of a higher level, its deadlines move down; on level 0 they fire. One 32-bit word per level says which slots are
// occupied, so the next one is found by counting zeroes, and a long quiet time is one jump.
//
// Re-arming to a later time only stores that time: a deadline found in its slot too early is hung up again. This makes
// `idle`, which every read pushes back, a store of a number.
//
// Invariant: the slot of a row begins at or before the tick of its `at`, and after `current`. Only level 0's current slot may
// hold rows that are due: those being fired, and those after a handler that threw.

import { deadlineCode, deadlineNames, type DeadlineName } from './deadline-names.ts';
import { DeadlineTable, NO_DEADLINE, type DeadlineOwner } from './deadline-table.ts';

const BITS = 5;
const SLOTS = 1 << BITS;
const SLOT_MASK = SLOTS - 1;
const LEVELS = 8;
const REACH = 2 ** (BITS * LEVELS);
/** Ticks that a slot of each level spans. */
const SPANS: readonly number[] = Array.from({ length: LEVELS }, (_, level) => 2 ** (BITS * level));

export interface TimingWheelOptions {
  /** The clock's time at which the wheel starts. */
  readonly startMs: number;
  /**
   * A deadline fires at the first multiple of this at or after its time. Coarser ticks mean fewer wake-ups.
   * A whole number. Default 10.
   */
  readonly tickMs?: number;
}

/** Told when a deadline was armed before the time the wheel last said was its next (`nextAt`). */
export interface WheelWatcher {
  onEarlier(atMs: number): void;
}

export class TimingWheel {
  readonly tickMs: number;
  readonly #table = new DeadlineTable();
  readonly #heads = new Int32Array(LEVELS * SLOTS).fill(NO_DEADLINE);
  readonly #tails = new Int32Array(LEVELS * SLOTS).fill(NO_DEADLINE);
  readonly #occupied = new Int32Array(LEVELS);
  #current: number;
  #watcher: WheelWatcher | null = null;
  #watchedTick = Infinity;

  constructor(options: TimingWheelOptions) {
    const tickMs = options.tickMs ?? 10;
    if (!Number.isInteger(tickMs) || tickMs < 1) throw new RangeError(`tickMs must be a whole number of at least 1, not ${tickMs}`);
    this.tickMs = tickMs;
    this.#current = Math.floor(options.startMs / tickMs);
  }

  /** How many deadlines are armed. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Arms the owner's deadline of that name, or moves it. It fires in the first `advance` to its tick or later, never inside
   * `arm`, also when `atMs` is past already. `Infinity` disarms.
   */
  arm(owner: DeadlineOwner, name: DeadlineName, atMs: number): void {
    const table = this.#table;
    const code = deadlineCode(name);
    const row = table.find(owner, code);
    if (row !== NO_DEADLINE && atMs >= table.at[row] && atMs !== Infinity) {
      table.at[row] = atMs;
      return;
    }
    if (Number.isNaN(atMs)) throw new RangeError(`the time of deadline ${name} is not a number`);
    if (row !== NO_DEADLINE) this.#unlink(row);
    if (atMs === Infinity) {
      if (row !== NO_DEADLINE) table.remove(row);
      return;
    }
    const armed = row === NO_DEADLINE ? table.add(owner, code, atMs) : row;
    table.at[armed] = atMs;
    const tick = this.#hang(armed, this.#current + 1);
    if (tick < this.#watchedTick) {
      this.#watchedTick = tick;
      this.#watcher?.onEarlier(tick * this.tickMs);
    }
  }

  /** Disarms. Nothing happens when it was not armed. */
  cancel(owner: DeadlineOwner, name: DeadlineName): void {
    const row = this.#table.find(owner, deadlineCode(name));
    if (row !== NO_DEADLINE) this.#drop(row);
  }

  /** Disarms everything the owner has armed. */
  cancelAll(owner: DeadlineOwner): void {
    while (owner.firstDeadline !== NO_DEADLINE) this.#drop(owner.firstDeadline);
  }

  /** When the deadline is due, in the clock's milliseconds; `Infinity` when it is not armed. */
  dueAt(owner: DeadlineOwner, name: DeadlineName): number {
    const row = this.#table.find(owner, deadlineCode(name));
    return row === NO_DEADLINE ? Infinity : this.#table.at[row];
  }

  /**
   * When `advance` has to be called next, in the clock's milliseconds; `Infinity` with nothing armed. Never later than the first
   * deadline's tick; it may be earlier, when deadlines only have to move down a level or were pushed back.
   */
  nextAt(): number {
    return this.#nextTick() * this.tickMs;
  }

  /** One watcher, told of earlier deadlines from now on. `nextAt()` is its starting point. */
  watch(watcher: WheelWatcher | null): void {
    this.#watcher = watcher;
    this.rewatch();
  }

  /** The watcher has just acted on `nextAt()`: it wants to hear of anything earlier than that. */
  rewatch(): void {
    this.#watchedTick = this.#watcher === null ? Infinity : this.#nextTick();
  }

  /**
   * Fires everything due at `nowMs`, in the order of ticks, and answers how many fired. Handlers may arm and cancel anything;
   * what they arm for a tick up to now fires in the same call, at a later tick than theirs. When a handler throws, the
   * error comes out here, and the next call goes on with the deadline after it.
   */
  advance(nowMs: number): number {
    let target = Math.floor(nowMs / this.tickMs);
    if (target * this.tickMs > nowMs) target--;
    let fired = this.#fireCurrent();
    while (this.#current < target) {
      const tick = this.#nextTick();
      if (tick > target) {
        this.#current = target;
        break;
      }
      this.#current = tick;
      for (let level = LEVELS - 1; level > 0; level--) {
        if (tick % SPANS[level] === 0) this.#moveDown(level, tick);
      }
      fired += this.#fireCurrent();
    }
    return fired;
  }

  /** Fires what hangs in the current tick's slot: all of it is due, or was left by a handler that threw. */
  #fireCurrent(): number {
    const table = this.#table;
    let fired = 0;
    for (;;) {
      const row = this.#heads[this.#current & SLOT_MASK];
      if (row === NO_DEADLINE) return fired;
      this.#unlink(row);
      if (table.at[row] > this.#current * this.tickMs) {
        this.#hang(row, this.#current + 1);
        continue;
      }
      const owner = table.owners[row] as DeadlineOwner;
      const name = deadlineNames[table.code[row]];
      table.remove(row);
      fired++;
      owner.onTimeout(name);
    }
  }

  #moveDown(level: number, tick: number): void {
    const slot = slotOf(level, tick);
    let row = this.#heads[slot];
    this.#heads[slot] = NO_DEADLINE;
    this.#tails[slot] = NO_DEADLINE;
    this.#occupied[level] &= ~(1 << (slot & SLOT_MASK));
    while (row !== NO_DEADLINE) {
      const next = this.#table.next[row];
      this.#hang(row, tick);
      row = next;
    }
  }

  /** Hangs a row into the slot for its time, no earlier than tick `earliest`. Answers the tick. */
  #hang(row: number, earliest: number): number {
    const table = this.#table;
    const tick = Math.max(earliest, Math.ceil(table.at[row] / this.tickMs));
    const ahead = tick - this.#current;
    let level = 0;
    while (level < LEVELS - 1 && ahead >= SPANS[level + 1]) level++;
    // Beyond the wheel's reach: the farthest slot, from where it is hung up again.
    const slot = slotOf(level, ahead < REACH ? tick : this.#current + REACH - 1);
    const tail = this.#tails[slot];
    table.slot[row] = slot;
    table.previous[row] = tail;
    table.next[row] = NO_DEADLINE;
    if (tail === NO_DEADLINE) {
      this.#heads[slot] = row;
      this.#occupied[level] |= 1 << (slot & SLOT_MASK);
    } else {
      table.next[tail] = row;
    }
    this.#tails[slot] = row;
    return tick;
  }

  #unlink(row: number): void {
    const { next, previous, slot: slots } = this.#table;
    const slot = slots[row];
    const before = previous[row];
    const after = next[row];
    if (before === NO_DEADLINE) this.#heads[slot] = after;
    else next[before] = after;
    if (after === NO_DEADLINE) this.#tails[slot] = before;
    else previous[after] = before;
    if (this.#heads[slot] === NO_DEADLINE) this.#occupied[slot >> BITS] &= ~(1 << (slot & SLOT_MASK));
  }

  #drop(row: number): void {
    this.#unlink(row);
    this.#table.remove(row);
  }

  /** The first tick at which a slot has to be looked at. */
  #nextTick(): number {
    if (this.#heads[this.#current & SLOT_MASK] !== NO_DEADLINE) return this.#current;
    let first = Infinity;
    for (let level = 0; level < LEVELS; level++) {
      const occupied = this.#occupied[level];
      if (occupied === 0) continue;
      const span = SPANS[level];
      const position = Math.floor(this.#current / span);
      // Rotated so that the slot after the current one is bit 0: the number of zeroes below the first one is the distance.
      const turn = (position + 1) & SLOT_MASK;
      const ahead = (occupied >>> turn) | (turn === 0 ? 0 : occupied << (SLOTS - turn));
      const tick = (position + 1 + trailingZeros(ahead)) * span;
      if (tick < first) first = tick;
    }
    return first;
  }
}

function slotOf(level: number, tick: number): number {
  return (level << BITS) | (Math.floor(tick / SPANS[level]) & SLOT_MASK);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
