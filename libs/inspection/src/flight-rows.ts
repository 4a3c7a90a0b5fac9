// Where recorders keep steps: one row for each actor, a ring of its last steps at three bytes each (event, state after it, time since
// the step before). Rows live side by side in slabs of 1,024 and are used again; a row in use costs nothing but its bytes.
//
// Times are coarse, but errors do not add up: what rounding takes from one span goes into the next.

import { decodeSpan, encodeSpan } from './coarse-time.ts';

export const NO_FLIGHT = -1;

const slabBits = 10;
const slabRows = 1 << slabBits;
const stepBytes = 3;
/** A busy connection's chart gets that far in a day. */
const largestCount = 0x7fff_ffff;

interface Slab {
  readonly steps: Uint8Array;
  /** Steps written to a row, counted afresh before they are too many; of a free row, the next free one. */
  readonly counts: Int32Array;
  /** When the last step was, as the spans add up to: at or before the true time. */
  readonly lastAtMs: Float64Array;
}

export interface FlightStep {
  readonly event: number;
  readonly state: number;
  readonly atMs: number;
}

export class FlightRows {
  readonly stepsKept: number;
  readonly #slabs: Slab[] = [];
  #free = NO_FLIGHT;
  #used = 0;
  /** Counting begins afresh here, with a full row: a multiple of `stepsKept`, so that the ring goes on where it is. */
  readonly #afreshAt: number;

  constructor(stepsKept: number, mostCounted = largestCount) {
    if (!(Number.isInteger(stepsKept) && stepsKept >= 2 && stepsKept <= 255)) throw new RangeError(`${stepsKept} steps kept are not 2 to 255`);
    this.stepsKept = stepsKept;
    this.#afreshAt = mostCounted - (mostCounted % stepsKept);
  }

  /** Rows in use. */
  get used(): number {
    return this.#used;
  }

  get bytesPerRow(): number {
    return this.stepsKept * stepBytes + Int32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT;
  }

  /** All slabs, free rows included. */
  get bytes(): number {
    return this.#slabs.length * slabRows * this.bytesPerRow;
  }

  /** A row that is empty; time begins at `nowMs`. */
  take(nowMs: number): number {
    if (this.#free === NO_FLIGHT) this.#addSlab();
    const row = this.#free;
    const slab = this.#slabs[row >> slabBits];
    const at = row & (slabRows - 1);
    this.#free = slab.counts[at];
    slab.counts[at] = 0;
    slab.lastAtMs[at] = nowMs;
    this.#used++;
    return row;
  }

  give(row: number): void {
    this.#slabs[row >> slabBits].counts[row & (slabRows - 1)] = this.#free;
    this.#free = row;
    this.#used--;
  }

  write(row: number, event: number, state: number, nowMs: number): void {
    const slab = this.#slabs[row >> slabBits];
    const at = row & (slabRows - 1);
    const count = slab.counts[at];
    slab.counts[at] = count + 1 === this.#afreshAt ? this.stepsKept : count + 1;
    const span = encodeSpan(nowMs - slab.lastAtMs[at]);
    slab.lastAtMs[at] += decodeSpan(span);
    const place = (at * this.stepsKept + (count % this.stepsKept)) * stepBytes;
    slab.steps[place] = event;
    slab.steps[place + 1] = state;
    slab.steps[place + 2] = span;
  }

  /** Steps written to the row; afresh after two thousand million. */
  count(row: number): number {
    return this.#slabs[row >> slabBits].counts[row & (slabRows - 1)];
  }

  /** Those kept, the oldest first. */
  read(row: number): FlightStep[] {
    const { steps, counts, lastAtMs } = this.#slabs[row >> slabBits];
    const at = row & (slabRows - 1);
    const count = counts[at];
    const kept: FlightStep[] = [];
    let atMs = lastAtMs[at];
    for (let i = count - 1; i >= 0 && i >= count - this.stepsKept; i--) {
      const place = (at * this.stepsKept + (i % this.stepsKept)) * stepBytes;
      kept.push({ event: steps[place], state: steps[place + 1], atMs });
      atMs -= decodeSpan(steps[place + 2]);
    }
    return kept.toReversed();
  }

  #addSlab(): void {
    const first = this.#slabs.length * slabRows;
    const counts = Int32Array.from({ length: slabRows }, (_, at) => (at === slabRows - 1 ? NO_FLIGHT : first + at + 1));
    this.#slabs.push({
      steps: new Uint8Array(slabRows * this.stepsKept * stepBytes),
      counts,
      lastAtMs: new Float64Array(slabRows),
    });
    this.#free = first;
  }
}
