// The reminders of one connection: a short list in the order of time, and one deadline in the shared wheel for the first of them.

import { NO_DEADLINE, type Clock, type DeadlineOwner, type TimingWheel } from '@sluice/timing';

interface Reminder {
  readonly atMs: number;
  readonly sequence: string;
  readonly text: string;
}

/** Told of a reminder whose time has come, or never will. */
export type OnReminder = (sequence: string, text: string) => void;

/** The wheel's names are a connection's; an owner that has one deadline only may go by any of them. */
const deadline = 'sustain';

export class Reminders implements DeadlineOwner {
  /** The wheel's own. */
  firstDeadline: number = NO_DEADLINE;
  readonly #clock: Clock;
  readonly #wheel: TimingWheel;
  readonly #onDue: OnReminder;
  #waiting: Reminder[] = [];

  constructor(clock: Clock, wheel: TimingWheel, onDue: OnReminder) {
    this.#clock = clock;
    this.#wheel = wheel;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(delayMs: number, sequence: string, text: string): void {
    const atMs = this.#clock.now() + delayMs;
    const behind = this.#waiting.findIndex((reminder) => reminder.atMs > atMs);
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, { atMs, sequence, text });
    this.#arm();
  }

  /** Gives all of them up, and tells of each. */
  cancel(onCancelled: OnReminder): void {
    const cancelled = this.#waiting;
    this.#waiting = [];
    this.#arm();
    for (const { sequence, text } of cancelled) onCancelled(sequence, text);
  }

  onTimeout(): void {
    const nowMs = this.#clock.now();
    while (this.#waiting.length > 0 && this.#waiting[0]!.atMs <= nowMs) {
      const { sequence, text } = this.#waiting.shift()!;
      this.#onDue(sequence, text);
    }
    this.#arm();
  }

  #arm(): void {
    const first = this.#waiting[0];
    this.#wheel.cancel(this, deadline);
    if (first !== undefined) this.#wheel.arm(this, deadline, first.atMs);
  }
}
