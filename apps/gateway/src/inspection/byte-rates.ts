// How fast each connection moves bytes, for who asks, and only then: a rate is what was moved since a sample of all counters, and a sample is
// taken when somebody asks and the last is a second old. So an answer covers the last one or two seconds while somebody looks on; the
// first one, and that of a connection opened since, covers its whole life.
//
// Connections are numbered in the order of opening, and the registry walks them in that order: a sample is three arrays, 24 bytes a connection.

import type { Connection } from '@sluice/connection';
import type { ConnectionRegistry } from '@sluice/supervision';

const intervalMs = 1000;
/** Nobody has asked for so long: samples are of no use any more. */
const staleMs = 10_000;

interface Sample {
  readonly atMs: number;
  readonly ids: Float64Array;
  readonly bytesIn: Float64Array;
  readonly bytesOut: Float64Array;
}

export interface Rates {
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
}

export class ByteRates {
  readonly #registry: ConnectionRegistry;
  /** What rates are taken against, and the one that takes its place. */
  #base: Sample | null = null;
  #latest: Sample | null = null;
  #askedAtMs = 0;
  /** Where the last connection was found: the next that is asked for tends to be the next one. */
  #hint = 0;

  constructor(registry: ConnectionRegistry) {
    this.#registry = registry;
  }

  /** To be called once before the rates of connections are asked for. */
  refresh(nowMs: number): void {
    const take = this.refreshAlong(nowMs);
    if (take !== null) for (const connection of this.#registry.all()) take(connection);
  }

  /**
   * The same for who walks all connections anyway, as each walk finds most of them in no cache: null, or what is to be called with each of
   * them, in the registry's order and in one go. Rates can be asked for meanwhile.
   */
  refreshAlong(nowMs: number): ((connection: Connection) => void) | null {
    this.sweep(nowMs);
    this.#askedAtMs = nowMs;
    if (this.#latest !== null && nowMs - this.#latest.atMs < intervalMs) return null;
    this.#base = this.#latest;
    const { size } = this.#registry;
    const sample = { atMs: nowMs, ids: new Float64Array(size), bytesIn: new Float64Array(size), bytesOut: new Float64Array(size) };
    this.#latest = sample;
    let at = 0;
    return ({ id, endpoint }) => {
      sample.ids[at] = id;
      sample.bytesIn[at] = endpoint.bytesIn;
      sample.bytesOut[at++] = endpoint.bytesOut;
    };
  }

  /** Lets samples go that nobody has asked for lately. */
  sweep(nowMs: number): void {
    if (nowMs - this.#askedAtMs < staleMs) return;
    this.#base = null;
    this.#latest = null;
  }

  of({ id, endpoint, openedAtMs }: Connection, nowMs: number): Rates {
    const base = this.#base;
    const at = base === null ? -1 : this.#find(base, id);
    const sinceMs = base === null || at < 0 ? openedAtMs : base.atMs;
    const seconds = (nowMs - sinceMs) / 1000;
    if (seconds <= 0) return { inBytesPerSecond: 0, outBytesPerSecond: 0 };
    const rate = (bytes: number, before: number): number => Math.round((bytes - before) / seconds);
    return {
      inBytesPerSecond: rate(endpoint.bytesIn, at < 0 ? 0 : base!.bytesIn[at]!),
      outBytesPerSecond: rate(endpoint.bytesOut, at < 0 ? 0 : base!.bytesOut[at]!),
    };
  }

  #find({ ids }: Sample, id: number): number {
    if (ids[this.#hint + 1] === id) return ++this.#hint;
    let low = 0;
    let high = ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = ids[middle]!;
      if (found === id) return (this.#hint = middle);
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
