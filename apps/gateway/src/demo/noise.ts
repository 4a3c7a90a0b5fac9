// Numbers that look random and come again from the same seed (xorshift, 32 bits; G. Marsaglia, 2003). For test data, nothing else.

export const maxSeed = 0xffff_ffff;

export class Noise {
  #state: number;

  /** `seed` is from 1 to `maxSeed`. */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 1 || seed > maxSeed) throw new RangeError(`a seed of ${seed} is not possible`);
    this.#state = seed | 0;
  }

  /** 0 ≤ n < `bound`, which is at most 2^16. */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    // The low bits of a xorshift are the weaker ones.
    return Math.floor(((x >>> 16) * bound) / 0x1_0000);
  }
}
