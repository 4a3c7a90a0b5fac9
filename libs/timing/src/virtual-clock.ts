// A clock that moves only when told to, with callbacks at times of it: tests and simulations run hours in milliseconds,
// and the same schedule always runs in the same order (by time, then by when it was scheduled).

import type { Clock } from './clock.ts';
import type { HostTimers } from './wheel-driver.ts';

/** A scheduled callback. */
export interface VirtualTimer {
  readonly atMs: number;
}

class Entry implements VirtualTimer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  /** Its place in the heap; -1 when it has run or was cancelled. */
  place = -1;

  constructor(atMs: number, order: number, callback: () => void) {
    this.atMs = atMs;
    this.order = order;
    this.callback = callback;
  }

  isBefore(other: Entry): boolean {
    return this.atMs < other.atMs || (this.atMs === other.atMs && this.order < other.order);
  }
}

export class VirtualClock implements Clock, HostTimers<VirtualTimer> {
  readonly #heap: Entry[] = [];
  #nowMs: number;
  #scheduled = 0;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Callbacks waiting. */
  get pending(): number {
    return this.#heap.length;
  }

  /** When the next callback is due; `Infinity` with none. */
  nextAt(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0].atMs;
  }

  schedule(delayMs: number, callback: () => void): VirtualTimer {
    if (!(delayMs >= 0)) throw new RangeError(`a delay of ${delayMs} ms is not possible`);
    const entry = new Entry(this.#nowMs + delayMs, this.#scheduled++, callback);
    this.#heap.push(entry);
    this.#rise(entry, this.#heap.length - 1);
    return entry;
  }

  /** Nothing happens when it has run or was cancelled. */
  cancel(timer: VirtualTimer): void {
    const entry = timer as Entry;
    if (entry.place !== -1) this.#take(entry);
  }

  /** Moves to the next callback's time and runs it. False when there is none. */
  step(): boolean {
    const entry: Entry | undefined = this.#heap[0];
    if (entry === undefined) return false;
    this.#take(entry);
    if (entry.atMs > this.#nowMs) this.#nowMs = entry.atMs;
    entry.callback();
    return true;
  }

  /** Runs everything due up to `atMs`, in order, then stands there. */
  advanceTo(atMs: number): void {
    while (this.nextAt() <= atMs) this.step();
    if (atMs > this.#nowMs) this.#nowMs = atMs;
  }

  advanceBy(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  #take(entry: Entry): void {
    const place = entry.place;
    entry.place = -1;
    const last = this.#heap.pop() as Entry;
    if (last === entry) return;
    this.#rise(last, place);
    this.#sink(last);
  }

  /** Puts the entry at `place` or above it, where its parent is before it. */
  #rise(entry: Entry, place: number): void {
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1];
      if (!entry.isBefore(parent)) break;
      this.#put(parent, place);
      place = (place - 1) >> 1;
    }
    this.#put(entry, place);
  }

  #sink(entry: Entry): void {
    let place = entry.place;
    for (;;) {
      let child: Entry | undefined = this.#heap[2 * place + 1];
      if (child === undefined) break;
      const right: Entry | undefined = this.#heap[2 * place + 2];
      if (right !== undefined && right.isBefore(child)) child = right;
      if (!child.isBefore(entry)) break;
      const from = child.place;
      this.#put(child, place);
      place = from;
    }
    this.#put(entry, place);
  }

  #put(entry: Entry, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}
