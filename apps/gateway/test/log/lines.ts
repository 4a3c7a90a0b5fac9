// A reader of log lines: takes them as they come, or holds them up.

import { Writable } from 'node:stream';

export class LineReader extends Writable {
  readonly writes: string[] = [];
  /** Set: takes nothing further until it is called. */
  #waiting: (() => void) | null = null;
  isSlow = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    if (this.isSlow) this.#waiting = done;
    else done();
  }

  /** Takes the next write. */
  take(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  get lines(): Record<string, unknown>[] {
    return this.writes.join('').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** The end of this turn of the event loop, when lines leave. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
