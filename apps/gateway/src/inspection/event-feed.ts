// Server-Sent Events to one who looks on, as the reply of an exchange: written as far as the connection's window has room, and no further.
// Whoever makes the events keeps what does not fit, or lets it go; nobody waits here.

import type { HttpExchange } from '@sluice/connection';
import { eventStreamFields } from '../http/event-stream-fields.ts';

const fields = [...eventStreamFields, 'X-Content-Type-Options', 'nosniff', 'X-Accel-Buffering', 'no'];
/** The chunked coding around an event. */
const framingBytes = 16;

export class EventFeed {
  readonly #exchange: HttpExchange;
  readonly #onEnd: () => void;
  #ended = false;

  /** Begins the reply. `onEnd` is called once: the reader has gone, or `end()` was called. */
  constructor(exchange: HttpExchange, onWritable: () => void, onEnd: () => void) {
    this.#exchange = exchange;
    this.#onEnd = onEnd;
    exchange.onWritable = onWritable;
    exchange.onAbort = () => {
      this.#ended = true;
      onEnd();
    };
    exchange.begin(200, fields);
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /** False: there is no room now, and nothing was queued. `data` is one line. */
  send(event: string, data: string): boolean {
    return this.#write(`event: ${event}\ndata: ${data}\n\n`);
  }

  /** Keeps intermediaries from closing a quiet stream, and finds readers that are gone. */
  sendComment(): boolean {
    return this.#write(': still here\n\n');
  }

  /** The reader sees a whole reply. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#exchange.end();
    this.#onEnd();
  }

  #write(text: string): boolean {
    if (this.#ended) return false;
    const bytes = Buffer.from(text);
    // Asking may send, and that may find out that nobody is there.
    if (!this.#exchange.session.connection.admit(bytes.length + framingBytes) || !this.isOpen) return false;
    this.#exchange.write(bytes, 0, bytes.length);
    return true;
  }
}
