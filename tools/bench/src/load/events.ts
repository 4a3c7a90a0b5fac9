// Fan-out over Server-Sent Events: one connection posts, many receive the event; when the answer and every event have
// come, the next is posted. The payload starts with a byte that stands nowhere else in an event, and that is what is
// counted: an event's other bytes (its id, a chunk's size) vary in number.

import { openMany, RawConnection } from './connection.ts';
import type { Job, Workload } from './job.ts';
import { AnswerCounter } from './requests.ts';

const mark = 0x7e; // ~

/** How often the mark stands in `bytes[0, length)`. */
export function countMarks(bytes: Buffer, length: number): number {
  let count = 0;
  for (let at = bytes.indexOf(mark); at >= 0 && at < length; at = bytes.indexOf(mark, at + 1)) count++;
  return count;
}

export class EventsLoad implements Workload {
  readonly #job: Job & { kind: 'events' };
  #subscribers: RawConnection[] = [];
  #publisher: RawConnection | null = null;

  constructor(job: Job & { kind: 'events' }) {
    this.#job = job;
  }

  async open(): Promise<void> {
    this.#subscribers = await openMany(this.#job.connections, async () => {
      const connection = await RawConnection.open(this.#job);
      const { head } = await connection.request(
        `GET ${this.#job.path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`,
      );
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(`no event stream: ${head.split('\r\n')[0]}`);
      connection.onBytes = () => undefined; // comments and retry hints before the first event
      return connection;
    });
    this.#publisher = await RawConnection.open(this.#job);
  }

  run(durationMs: number): Promise<number> {
    const { path, bytes } = this.#job;
    const request = `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}\r\n\r\n${'~'.padEnd(bytes, 'x')}`;
    const publisher = this.#publisher;
    if (publisher === null) throw new Error('run before open');
    let running = true;
    let delivered = 0;
    let awaited = 0;
    let answered = false;
    setTimeout(() => (running = false), durationMs);
    return new Promise((done) => {
      const publish = (): void => {
        awaited = this.#subscribers.length;
        answered = false;
        publisher.socket.write(request);
      };
      const advance = (): void => {
        if (awaited > 0 || !answered) return;
        delivered += this.#subscribers.length;
        if (running) publish();
        else done(delivered);
      };
      const counter = new AnswerCounter();
      publisher.onBytes = (received, length) => {
        answered = counter.receive(received, length);
        if (answered) advance();
      };
      for (const subscriber of this.#subscribers) {
        subscriber.onBytes = (received, length) => {
          const marks = countMarks(received, length);
          awaited -= marks;
          if (awaited < 0) throw new Error('an event came twice');
          if (marks > 0) advance();
        };
      }
      publish();
    });
  }
}
