// How late the event loop runs timers, as a cumulative histogram: from two scrapes the distribution of any window between them can be computed.
//
// One timer measures its own lateness, so that an idle loop measures about zero. A blocked loop is one observation, as long as it was blocked.

/** Upper bounds of the buckets, in seconds. */
export const loopDelayBounds: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const tickMs = 20;
/** The maximum is that of the current and the previous window of this length. */
const windowMs = 30_000;

export interface LoopDelaySnapshot {
  /** Each bound with the number of observations up to it. */
  readonly buckets: readonly (readonly [number, number])[];
  readonly count: number;
  readonly sum: number;
}

export class LoopDelay {
  readonly #now: () => number;
  readonly #counts = new Float64Array(loopDelayBounds.length + 1);
  #sum = 0;
  #maxSeconds = 0;
  #previousMaxSeconds = 0;
  #windowEndMs: number;
  #dueMs = 0;
  #timer: NodeJS.Timeout | null = null;

  /** `now` is monotonic, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#windowEndMs = now() + windowMs;
  }

  /** Keeps no process alive. */
  start(): void {
    this.#dueMs = this.#now() + tickMs;
    this.#timer = setTimeout(() => {
      this.observe((this.#now() - this.#dueMs) / 1000);
      this.start();
    }, tickMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  observe(lateSeconds: number): void {
    const seconds = Math.max(0, lateSeconds);
    let bucket = 0;
    while (bucket < loopDelayBounds.length && seconds > loopDelayBounds[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sum += seconds;
    this.#turnWindow();
    this.#maxSeconds = Math.max(this.#maxSeconds, seconds);
  }

  /** The longest delay of the last 30 to 60 seconds. */
  maxSeconds(): number {
    this.#turnWindow();
    return Math.max(this.#maxSeconds, this.#previousMaxSeconds);
  }

  snapshot(): LoopDelaySnapshot {
    let count = 0;
    const buckets = loopDelayBounds.map((bound, index) => [bound, (count += this.#counts[index]!)] as const);
    return { buckets, count: count + this.#counts[loopDelayBounds.length]!, sum: this.#sum };
  }

  #turnWindow(): void {
    const nowMs = this.#now();
    if (nowMs < this.#windowEndMs) return;
    this.#previousMaxSeconds = nowMs < this.#windowEndMs + windowMs ? this.#maxSeconds : 0;
    this.#maxSeconds = 0;
    this.#windowEndMs = nowMs + windowMs;
  }
}
