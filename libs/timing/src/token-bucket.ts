// A rate limit on things that are counted one by one: messages, connections.
//
// The bucket begins full, each thing takes a token, and time puts tokens back at the rate, up to the burst. So within any stretch of
// time no more than `burst + rate × stretch` are let through, and nobody who stays below the rate is ever refused. What is refused
// takes nothing: who goes on asking too fast still gets the rate.
//
// Time is passed in; taking allocates nothing. A bucket that is full again has forgotten everything: it equals a new one.

export class TokenBucket {
  readonly perSecond: number;
  readonly burst: number;
  readonly #perMs: number;
  /** Tokens at `#updatedAtMs`; 0 ≤ level ≤ burst. */
  #level: number;
  #updatedAtMs: number;

  /** `perSecond` is finite and above 0; `burst`, a whole number, is at least 1. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    if (!(perSecond > 0 && perSecond < Infinity)) throw new RangeError(`a rate of ${perSecond} a second is not possible`);
    if (!(Number.isInteger(burst) && burst >= 1)) throw new RangeError(`a burst of ${burst} is not possible`);
    this.perSecond = perSecond;
    this.burst = burst;
    this.#perMs = perSecond / 1000;
    this.#level = burst;
    this.#updatedAtMs = nowMs;
  }

  /** Takes one token; false, and nothing is taken, when there is none. */
  take(nowMs: number): boolean {
    this.#update(nowMs);
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }

  /** Time in ms until `take` can succeed; 0 when it can now. */
  waitMs(nowMs: number): number {
    this.#update(nowMs);
    return this.#level >= 1 ? 0 : (1 - this.#level) / this.#perMs;
  }

  /** Whether all tokens are back, so that a new bucket would do as well. */
  isFull(nowMs: number): boolean {
    this.#update(nowMs);
    return this.#level >= this.burst;
  }

  /** A clock that stands still or (against its contract) goes back earns nothing. */
  #update(nowMs: number): void {
    const elapsedMs = nowMs - this.#updatedAtMs;
    if (!(elapsedMs > 0)) return;
    this.#level = Math.min(this.burst, this.#level + elapsedMs * this.#perMs);
    this.#updatedAtMs = nowMs;
  }
}
