// JSON lines to a descriptor. Lines of one turn leave in one write, without blocking the loop; when the reader is slow,
// lines beyond the bound are dropped and counted, and a line says how many.

import type { Writable } from 'node:stream';

export class LineWriter {
  readonly #stream: Writable;
  readonly #maxQueuedBytes: number;
  #lines: string[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #dropped = 0;

  constructor(stream: Writable, maxQueuedBytes: number) {
    this.#stream = stream;
    // The log has no reader any more: that is no reason to stop.
    stream.on('error', () => {});
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  write(entry: Readonly<Record<string, unknown>>): void {
    const line = `${JSON.stringify(entry)}\n`;
    if (this.#queuedBytes + this.#stream.writableLength + line.length > this.#maxQueuedBytes) {
      this.#dropped++;
      return;
    }
    this.#lines.push(line);
    this.#queuedBytes += line.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#dropped > 0) {
      this.#lines.push(`${JSON.stringify({ time: new Date().toISOString(), log: 'dropped', lines: this.#dropped })}\n`);
      this.#dropped = 0;
    }
    if (this.#lines.length === 0) return;
    this.#stream.write(this.#lines.join(''));
    this.#lines = [];
    this.#queuedBytes = 0;
  }
}
