// One end of a connection under test. Every call to its endpoint goes through here and every callback comes here, so the
// rules that hold always are checked always: no callback from inside a call, none while reading is off, none after
// onClose; a brigade is empty after `write`; `bytesOut + queuedBytes` is what was written. What breaks is noted in `violations`,
// which the scene reads at the end of each test.
//
// The bytes of each read are spoiled after they were looked at: whoever still needs them has broken the rule of lending.

import { Brigade, copyBytes, heapBytes, makeSent, type Bucket, type Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '../endpoint.ts';
import type { TransportError } from '../errors.ts';
import { latin1, text } from './latin1.ts';
import type { Pattern } from './pattern.ts';

const KEPT_BYTES = 1 << 20;

/** What all sides of one test share: how deep in calls to a transport we are. */
export interface CallDepth {
  depth: number;
}

export class Side implements EndpointSink {
  readonly endpoint: Endpoint;
  readonly pool: Pool;
  readonly violations: string[] = [];
  /** Names of the callbacks that came, bytes and progress aside. */
  readonly events: string[] = [];
  received = 0;
  reads = 0;
  progress = 0;
  ended = false;
  closed = false;
  closeError: TransportError | null = null;
  reading = false;
  /** Bytes written in all; NaN once a stream was among it, whose length nobody knows. */
  written = 0;
  /** What SENT marks said, in the order they ran. */
  readonly sent: { mark: string; error: Error | null; bytesOut: number }[] = [];
  /** When set, what must arrive. */
  expected: Pattern | null = null;
  inBytes: (() => void) | null = null;
  inEnd: (() => void) | null = null;
  inProgress: (() => void) | null = null;
  inSent: ((mark: string) => void) | null = null;
  inClose: (() => void) | null = null;
  readonly #calls: CallDepth;
  readonly #name: string;
  readonly #chunks: Uint8Array[] = [];
  /** Shut, closed or aborted by us: the books are closed. */
  #given = false;
  /** Bytes that left the books unsent. Fine if the endpoint turns out to have failed. */
  #dropped: string | null = null;

  constructor(name: string, endpoint: Endpoint, pool: Pool, calls: CallDepth) {
    this.endpoint = endpoint;
    this.pool = pool;
    this.#name = name;
    this.#calls = calls;
    this.#call(() => endpoint.attach(this));
  }

  /** The first megabyte received, as Latin-1. */
  get text(): string {
    return this.#chunks.map(text).join('');
  }

  setReading(wanted: boolean): void {
    this.reading = wanted;
    this.#call(() => this.endpoint.setReading(wanted));
  }

  /** Writes text or bytes in a heap bucket, or the buckets as they are. */
  write(...content: readonly (string | Uint8Array | Bucket)[]): void {
    const brigade = new Brigade(this.pool);
    for (const part of content) {
      if (typeof part === 'string') brigade.append(heapBytes(this.pool, latin1(part)));
      else if (part instanceof Uint8Array) brigade.append(heapBytes(this.pool, part));
      else brigade.append(part);
    }
    if (!this.#given && !this.closed) this.written = brigade.length < 0 ? NaN : this.written + brigade.length;
    this.#call(() => this.endpoint.write(brigade));
    if (!brigade.isEmpty) this.#violate('write left buckets in the brigade');
  }

  /** A SENT mark that notes itself in `sent`. */
  mark(mark: string): Bucket {
    return makeSent((error) => {
      this.#enter(`SENT ${mark}`);
      this.sent.push({ mark, error, bytesOut: this.endpoint.bytesOut });
      this.inSent?.(mark);
    });
  }

  /** The marks that ran, those with an error as `name!`. */
  get sentMarks(): string[] {
    return this.sent.map(({ mark, error }) => (error === null ? mark : `${mark}!`));
  }

  shutdown(): void {
    this.#call(() => this.endpoint.shutdown());
    this.#given = true;
  }

  close(): void {
    this.#drop(() => this.endpoint.close());
  }

  abort(): void {
    this.#drop(() => this.endpoint.abort());
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#enter('onBytes');
    if (!this.reading) this.#violate('onBytes while reading is off');
    if (this.ended) this.#violate('onBytes after onEnd');
    if (!(start >= 0 && start < end && end <= bytes.length)) this.#violate(`onBytes with the range [${start}, ${end}) of ${bytes.length}`);
    const wrong = this.expected?.mismatch(this.received, bytes, start, end) ?? -1;
    if (wrong !== -1) this.#violate(`byte ${this.received + wrong - start} is wrong`);
    if (this.received < KEPT_BYTES) this.#chunks.push(copyBytes(bytes, start, end));
    this.received += end - start;
    this.reads++;
    bytes.fill(0xee, start, end);
    if (this.endpoint.bytesIn !== this.received) this.#violate(`bytesIn is ${this.endpoint.bytesIn} after ${this.received} bytes`);
    this.inBytes?.();
  }

  onEnd(): void {
    this.#enter('onEnd');
    if (!this.reading) this.#violate('onEnd while reading is off');
    if (this.ended) this.#violate('onEnd twice');
    this.ended = true;
    this.events.push('end');
    this.inEnd?.();
  }

  onProgress(): void {
    this.#enter('onProgress');
    this.#checkQueue();
    this.progress++;
    this.inProgress?.();
  }

  onClose(error: TransportError | null): void {
    this.#enter('onClose');
    this.closed = true;
    this.closeError = error;
    this.events.push(error === null ? 'close' : 'failure');
    if (this.#dropped !== null && error === null) this.#violate(this.#dropped);
    if (this.endpoint.queuedBytes !== 0) this.#violate(`${this.endpoint.queuedBytes} bytes queued after onClose`);
    this.inClose?.();
  }

  #drop(action: () => void): void {
    this.#given = true;
    this.reading = false;
    this.#call(action);
  }

  #call(action: () => void): void {
    this.#calls.depth++;
    action();
    this.#calls.depth--;
    this.#checkQueue();
  }

  #checkQueue(): void {
    const { queuedBytes, bytesOut } = this.endpoint;
    if (queuedBytes < 0) this.#violate(`queuedBytes is ${queuedBytes}`);
    if (this.#given || this.closed || Number.isNaN(this.written) || bytesOut + queuedBytes === this.written) return;
    const books = `${bytesOut} bytes out and ${queuedBytes} queued of ${this.written} written`;
    if (queuedBytes === 0 && bytesOut < this.written) this.#dropped = books;
    else this.#violate(books);
  }

  #enter(callback: string): void {
    if (this.#calls.depth > 0) this.#violate(`${callback} came from inside a call`);
    if (this.closed && !callback.startsWith('SENT')) this.#violate(`${callback} after onClose`);
  }

  #violate(what: string): void {
    this.violations.push(`${this.#name}: ${what}`);
  }
}
