// HTTP over keep-alive connections, one request in flight on each. The length of an answer comes from its head; the body
// is only counted.

import { openMany, RawConnection } from './connection.ts';
import type { Job, Workload } from './job.ts';

/** Counts the answers on one connection. */
export class AnswerCounter {
  #head = '';
  #awaited = -1;

  /** Takes what arrived; answers whether an answer is complete. Throws at an error status or an answer without length. */
  receive(bytes: Buffer, length: number): boolean {
    let body = length;
    if (this.#awaited < 0) {
      const text = this.#head + bytes.toString('latin1', 0, Math.min(length, 4096));
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#head = text;
        return false;
      }
      body = length - (end + 4 - this.#head.length);
      this.#head = '';
      this.#awaited = bodyBytes(text.slice(0, end));
    }
    this.#awaited -= body;
    if (this.#awaited > 0) return false;
    if (this.#awaited < 0) throw new Error(`${-this.#awaited} bytes too many in an answer`);
    this.#awaited = -1;
    return true;
  }
}

function bodyBytes(head: string): number {
  if (!/^HTTP\/1\.1 2\d\d /.test(head)) throw new Error(`refused: ${head.split('\r\n')[0]}`);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length: ${head.split('\r\n')[0]}`);
  return Number(length);
}

export class RequestLoad implements Workload {
  readonly #job: Job & { kind: 'request' };
  readonly #request: Buffer;
  #connections: RawConnection[] = [];

  constructor(job: Job & { kind: 'request' }) {
    this.#job = job;
    this.#request = Buffer.from(job.request, 'latin1');
  }

  async open(): Promise<void> {
    this.#connections = await openMany(this.#job.connections, () => RawConnection.open(this.#job));
  }

  run(durationMs: number): Promise<number> {
    let running = true;
    let answers = 0;
    let working = this.#connections.length;
    setTimeout(() => (running = false), durationMs);
    return new Promise((done) => {
      for (const connection of this.#connections) {
        const counter = new AnswerCounter();
        connection.onBytes = (bytes, length) => {
          if (!counter.receive(bytes, length)) return;
          answers++;
          if (running) connection.socket.write(this.#request);
          else if (--working === 0) done(answers);
        };
        connection.socket.write(this.#request);
      }
    });
  }
}
