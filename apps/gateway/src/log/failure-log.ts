// Failures that are contained where they happen: in a timer's callback, say. Each kind is logged once, with its stack, and then at most once a
// minute with how often it happened meanwhile: what fails every 10 ms does not fill the log.

import type { Log } from './log.ts';

const intervalMs = 60_000;
/** Kinds that are told apart; those beyond are one. */
const maxKinds = 64;

export class FailureLog {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { loggedAtMs: number; since: number }>();

  /** `now` in ms, by a clock that does not step. */
  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** Never throws. */
  report(where: string, error: unknown): void {
    const text = describe(error);
    const named = `${where} ${text.split('\n', 2).join(' ')}`;
    const kind = this.#kinds.has(named) || this.#kinds.size < maxKinds ? named : '';
    const known = this.#kinds.get(kind);
    const nowMs = this.#now();
    if (known !== undefined && nowMs - known.loggedAtMs < intervalMs) {
      known.since++;
      return;
    }
    this.#kinds.set(kind, { loggedAtMs: nowMs, since: 0 });
    this.#log.error(`${where} failed`, { error: text, ...(known !== undefined && known.since > 0 && { repeated: known.since }) });
  }
}

function describe(error: unknown): string {
  try {
    // Whoever throws may have put anything into `stack`.
    return String(error instanceof Error ? (error.stack ?? error.message) : error);
  } catch {
    return 'an error that cannot be shown';
  }
}
