// A rate limit on one direction of a connection: a sliding window of one second with permitted overshoot.
//
// Time earns credit at the rate, moved bytes spend it. Bytes may go ahead of the credit: by 0.250 s worth of the rate where
// there was credit, by 0.125 s worth where there was none. When less than 0.05 s worth of that is left, the direction is
// suspended until the credit is back at zero; `resumeAt` says when, and the owner arms `throttleIn` or `throttleOut` for it.
// So no pause is under 200 ms while there was credit, and the chunks between pauses are never tiny. Unused credit goes no
// further back than the window, and after more than a second without traffic the window starts afresh: a quiet connection
// earns no burst.

/** Length of the window, and the quiet time after which it starts afresh. */
const WINDOW_MS = 1000;
const OVERSHOOT_WITH_CREDIT_MS = 250;
const OVERSHOOT_WITHOUT_CREDIT_MS = 125;
/** The direction is suspended when less than this may still be moved. */
const SMALLEST_CHUNK_MS = 50;

export class Throttle {
  #bytesPerMs: number;
  /** Bytes earned and not spent at `#updatedAt`; below zero: bytes moved ahead of time. */
  #credit = 0;
  #updatedAt: number;
  #overshootMs = OVERSHOOT_WITH_CREDIT_MS;
  #resumeAt = -Infinity;
  #lastActiveAt: number;

  constructor(bytesPerSecond: number, nowMs: number) {
    this.#bytesPerMs = bytesPerMs(bytesPerSecond);
    this.#updatedAt = nowMs;
    this.#lastActiveAt = nowMs;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerMs * 1000;
  }

  /** When the direction may go on, in the clock's milliseconds; in the past while it is not suspended. */
  get resumeAt(): number {
    return this.#resumeAt;
  }

  /**
   * Another rate from now on. What was moved ahead of time is paid back at the higher of the two rates, so that no pause becomes
   * longer by it; unused credit does not grow into a burst.
   */
  setRate(bytesPerSecond: number, nowMs: number): void {
    const rate = bytesPerMs(bytesPerSecond);
    this.#update(nowMs);
    const owedAtNewRate = this.#credit < 0 && rate < this.#bytesPerMs ? this.#credit * (rate / this.#bytesPerMs) : this.#credit;
    this.#credit = Math.min(owedAtNewRate, WINDOW_MS * rate);
    this.#bytesPerMs = rate;
    if (this.#resumeAt > nowMs) this.#resumeAt = this.#debtIsPaidAt(nowMs);
  }

  /** How many bytes may be moved now: 0 while suspended, otherwise at least 1 and never a tiny part of the rate. */
  allowance(nowMs: number): number {
    this.#update(nowMs);
    if (nowMs < this.#resumeAt) return 0;
    return Math.max(1, Math.floor(this.#left));
  }

  /**
   * Notes that `bytes` were moved. More than the allowance is possible (a read brings what it brings) and makes the
   * suspension longer.
   */
  spend(bytes: number, nowMs: number): void {
    this.#update(nowMs);
    this.#credit -= bytes;
    this.#lastActiveAt = nowMs;
    if (this.#left >= Math.max(1, SMALLEST_CHUNK_MS * this.#bytesPerMs)) return;
    this.#resumeAt = this.#debtIsPaidAt(nowMs);
    // At the end of the pause the credit is zero. A late wake-up, or traffic below the rate, brings credit and the larger overshoot.
    this.#overshootMs = OVERSHOOT_WITHOUT_CREDIT_MS;
  }

  get #left(): number {
    return this.#credit + this.#overshootMs * this.#bytesPerMs;
  }

  #debtIsPaidAt(nowMs: number): number {
    return nowMs - Math.min(0, this.#credit) / this.#bytesPerMs;
  }

  #update(nowMs: number): void {
    if (nowMs - Math.max(this.#lastActiveAt, this.#resumeAt) > WINDOW_MS) {
      this.#credit = 0;
      this.#lastActiveAt = nowMs;
      this.#resumeAt = -Infinity;
      this.#overshootMs = OVERSHOOT_WITH_CREDIT_MS;
    } else {
      const earned = this.#credit + (nowMs - this.#updatedAt) * this.#bytesPerMs;
      this.#credit = Math.min(earned, WINDOW_MS * this.#bytesPerMs);
      if (this.#credit > 0) this.#overshootMs = OVERSHOOT_WITH_CREDIT_MS;
    }
    this.#updatedAt = nowMs;
  }
}

function bytesPerMs(bytesPerSecond: number): number {
  if (!(bytesPerSecond > 0 && bytesPerSecond < Infinity)) throw new RangeError(`a rate of ${bytesPerSecond} bytes a second is not possible`);
  return bytesPerSecond / 1000;
}
