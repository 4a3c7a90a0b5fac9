// Runs a timing wheel from one timer of the host, whatever the number of deadlines.
//
// The host timer always stands at the wheel's `nextAt`, or earlier when that moved back since; then the wake-up finds
// nothing due and sets the timer again. With nothing armed there is no timer.

import type { Clock } from './clock.ts';
import type { TimingWheel, WheelWatcher } from './timing-wheel.ts';

/** The host's one-shot timers: setTimeout and clearTimeout, or a virtual clock. */
export interface HostTimers<Handle> {
  /** Calls back once, after `delayMs` (whole, at least 0, under 2^31), never from inside this call. */
  schedule(delayMs: number, callback: () => void): Handle;
  cancel(handle: Handle): void;
  /** The timer does not keep the process alive. */
  unref?(handle: Handle): void;
}

const LONGEST_DELAY_MS = 2 ** 30;

export class WheelDriver<Handle> implements WheelWatcher {
  readonly #wheel: TimingWheel;
  readonly #clock: Clock;
  readonly #host: HostTimers<Handle>;
  readonly #wake = (): void => this.#advance();
  #timer: Handle | null = null;
  #advancing = false;
  #closed = false;
  #keepsAlive = true;

  /** Starts to drive at once. One driver to a wheel. */
  constructor(wheel: TimingWheel, clock: Clock, host: HostTimers<Handle>) {
    this.#wheel = wheel;
    this.#clock = clock;
    this.#host = host;
    wheel.watch(this);
    this.#schedule();
  }

  /** The wheel's timer no longer keeps the process alive, from now on. */
  unref(): void {
    this.#keepsAlive = false;
    if (this.#timer !== null) this.#host.unref?.(this.#timer);
  }

  /** Gives the host timer back. Deadlines stay armed in the wheel, but nothing fires them any more. */
  close(): void {
    this.#closed = true;
    this.#wheel.watch(null);
    this.#drop();
  }

  onEarlier(): void {
    if (!this.#advancing) this.#schedule();
  }

  #advance(): void {
    this.#timer = null;
    this.#advancing = true;
    try {
      this.#wheel.advance(this.#clock.now());
    } finally {
      this.#advancing = false;
      if (!this.#closed) this.#schedule();
    }
  }

  #schedule(): void {
    this.#drop();
    this.#wheel.rewatch();
    const at = this.#wheel.nextAt();
    if (at === Infinity) return;
    const delayMs = Math.min(LONGEST_DELAY_MS, Math.max(0, Math.ceil(at - this.#clock.now())));
    this.#timer = this.#host.schedule(delayMs, this.#wake);
    if (!this.#keepsAlive) this.#host.unref?.(this.#timer);
  }

  #drop(): void {
    if (this.#timer === null) return;
    this.#host.cancel(this.#timer);
    this.#timer = null;
  }
}
