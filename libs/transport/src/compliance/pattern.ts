// Bytes that say where they belong: a seeded block whose length is prime, repeated. A lost, doubled or moved
// chunk is found at its first byte, and gigabytes need no copy to compare with.

const PERIOD = 65_521;

/** A generator of 32-bit numbers (mulberry32): the same seed, the same sequence. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

export class Pattern {
  readonly #block = new Uint8Array(PERIOD);

  constructor(seed: number) {
    const random = seededRandom(seed);
    for (let at = 0; at < PERIOD; at++) this.#block[at] = random() >>> 24;
  }

  /** The bytes from `position` on, copied. */
  slice(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const from = (position + at) % PERIOD;
      const piece = this.#block.subarray(from, Math.min(PERIOD, from + length - at));
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** The index in `bytes[start, end)` of the first byte that is not the pattern's from `position` on, or -1. */
  mismatch(position: number, bytes: Uint8Array, start: number, end: number): number {
    let from = position % PERIOD;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== this.#block[from]) return at;
      if (++from === PERIOD) from = 0;
    }
    return -1;
  }
}
