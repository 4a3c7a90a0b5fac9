// Random numbers from a seed: the same seed gives the same sequence everywhere (mulberry32).

export class Random {
  #state: number;

  /** `stream` tells apart independent sequences of one seed. */
  constructor(seed: number, stream = 0) {
    this.#state = (seed ^ Math.imul(stream + 1, 0x9e3779b1)) | 0;
  }

  /** A whole number of 32 bits, not negative. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return this.next() % limit;
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }
}
