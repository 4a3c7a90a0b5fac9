// One flush per connection and turn of the event loop: output queued while a turn's events are handled leaves in one
// write per connection. The host says how "at the end of this turn" is scheduled (`setImmediate` on Node).

export interface Flushable {
  flush(): void;
}

export class TurnQueue {
  readonly #schedule: (run: () => void) => void;
  readonly #run: () => void;
  #waiting: Flushable[] = [];
  #flushing: Flushable[] = [];
  #scheduled = false;

  /** `schedule(run)` calls `run` once, after the events at hand have been handled and before new ones are awaited. */
  constructor(schedule: (run: () => void) => void) {
    this.#schedule = schedule;
    this.#run = () => this.#flushAll();
  }

  /** Asks for a flush at the end of the turn. The caller asks once per turn. */
  add(connection: Flushable): void {
    this.#waiting.push(connection);
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#schedule(this.#run);
    }
  }

  /** Flushing may queue more (a SENT mark's callback begins the next reply): that leaves in this turn too. */
  #flushAll(): void {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = this.#flushing;
      this.#flushing = batch;
      for (let i = 0; i < batch.length; i++) batch[i].flush();
      batch.length = 0;
    }
    this.#scheduled = false;
  }
}
