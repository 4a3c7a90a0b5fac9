// The steps that an actor's chart has taken, as somebody was told of them, and a way to wait for the next.

import { patienceMs } from './patience.ts';

/** An event, and the state it led to. */
export interface LoggedStep {
  readonly event: string;
  readonly to: string;
}

export class StepLog<Step = LoggedStep> {
  readonly steps: Step[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void } | null = null;

  add(step: Step): void {
    this.steps.push(step);
    if (this.#waiting !== null && this.steps.length >= this.#waiting.count) this.#waiting.resolve();
  }

  /** Resolves in the turn in which that many steps have been taken, before anything else happens. `what` is waited for. */
  async reaches(count: number, what: string, withinMs = patienceMs()): Promise<void> {
    if (this.steps.length >= count) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not within ${withinMs} ms: ${what}; so far: ${JSON.stringify(this.steps)}`)), withinMs);
      this.#waiting = { count, resolve };
    }).finally(() => {
      clearTimeout(timer);
      this.#waiting = null;
    });
  }
}
