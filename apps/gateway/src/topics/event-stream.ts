// A Server-Sent Events stream: takes the connection over from HTTP while the reply goes on, and writes each publication's
// shared event to it by reference.

import type { Brigade } from '@sluice/brigade';
import { StepResult, type CloseReason, type Connection, type HttpSession, type Liveness, type Session } from '@sluice/connection';
import { Http1Event } from '@sluice/http1';
import { formatPosition, type EvictReason, type Gap, type Hub, type Member, type Publication, type Subscriber } from '@sluice/hub';
import { chunk, type EventSlots } from './encodings.ts';
import { gapDocument } from './gap-document.ts';
import { locateStart, type Start } from './start.ts';
import type { TrafficCounters } from '../admin/traffic.ts';

export interface EventStreamOptions {
  readonly hub: Hub;
  readonly slots: EventSlots;
  readonly traffic: TrafficCounters;
  readonly pattern: string;
  readonly start: Start;
  /** Checked already. */
  readonly tags: readonly string[];
  /** The reply is framed by the chunked coding (HTTP/1.1). */
  readonly chunked: boolean;
  /** Comments at the ping interval keep intermediaries from closing a quiet stream; who takes nothing for the idle time is gone. */
  readonly liveness: Liveness;
  /** Told to the client as `retry:` when the gateway drains, in ms. */
  readonly retryHint: () => number;
  /** The stream has ended, with so many bytes queued for its client in all: for the access log. */
  readonly onEnd: (bytesOut: number) => void;
}

export class EventStreamSession implements Session, Subscriber {
  readonly protocol = 'sse';
  readonly controlOutput = null;
  readonly #options: EventStreamOptions;
  readonly #http: HttpSession;
  #connection!: Connection;
  #member: Member | null = null;
  #ended = false;
  /** Nothing that still comes belongs to the request. */
  #requestIsOver = false;
  /** Intervals in which the client took nothing of what waits for it. */
  #stalls = 0;
  #bytesOut = 0;

  constructor(http: HttpSession, options: EventStreamOptions) {
    this.#http = http;
    this.#options = options;
  }

  get id(): string {
    return String(this.#connection.id);
  }

  get info(): unknown {
    return { protocol: 'sse' };
  }

  get topics(): readonly string[] {
    return [this.#options.pattern];
  }

  get tags(): readonly string[] {
    return this.#options.tags;
  }

  get output(): Brigade {
    return this.#http.output;
  }

  get heldBytes(): number {
    return this.#http.heldBytes;
  }

  get idleTimeoutMs(): number {
    const { pingIntervalMs, idleTimeoutMs } = this.#options.liveness;
    return pingIntervalMs > 0 ? pingIntervalMs : idleTimeoutMs;
  }

  attach(connection: Connection): void {
    const { hub, pattern, start, tags } = this.#options;
    this.#connection = connection;
    this.#member = hub.join(this);
    for (const tag of tags) this.#member.addTag(tag);
    const { position, isResumed, options } = locateStart(hub, pattern, start);
    // Something to resume from before the first event. A client that resumes has it already.
    this.#write(isResumed ? ': ready\n\n' : `id: ${formatPosition(position)}\nevent: subscribed\ndata: {}\n\n`);
    this.#member.subscribe(pattern, options);
  }

  deliver(publication: Publication): boolean {
    const { slots, chunked, traffic } = this.#options;
    const event = publication.encoding(chunked ? slots.chunked : slots.plain);
    if (!this.#connection.admit(event.length)) return false;
    this.output.append(event.retain());
    this.#bytesOut += event.length;
    this.#connection.requestFlush();
    traffic.messagesOut++;
    return true;
  }

  gap(gap: Gap): void {
    const document = gapDocument(gap);
    this.#write(`id: ${document.position}\nevent: gap\ndata: ${JSON.stringify(document)}\n\n`);
  }

  evict(reason: EvictReason): void {
    this.#member = null;
    if (reason === 'failed') this.#connection.reject('internalError');
    else if (reason === 'slowConsumer' || reason === 'gap') this.#connection.reject('slowConsumer');
    else this.#connection.drain();
  }

  // What the client still sends: the rest of its request, and then nothing is expected but its FIN. A request behind a reply that
  // does not end would wait for ever, and keep the FIN from being noticed: it is dropped.

  receive(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#requestIsOver) this.#http.engine.receive(bytes, start, end);
  }

  receiveEnd(): void {
    this.#http.engine.receiveEnd();
    this.#connection.finish('peerClosed');
  }

  setaside(): void {
    this.#http.setaside();
  }

  step(): StepResult {
    const code = this.#requestIsOver ? Http1Event.NeedData : this.#http.engine.next();
    if (code === Http1Event.Paused) this.#requestIsOver = true;
    return code === Http1Event.EndOfMessage || code === Http1Event.Data ? StepResult.Again : StepResult.NeedData;
  }

  onWritable(): void {
    this.#stalls = 0;
    this.#member?.resumeAll();
  }

  drain(reason: CloseReason): void {
    if (reason === 'drained') this.#write(`retry: ${this.#options.retryHint()}\n\n`);
    this.#finish();
    this.#connection.done();
  }

  refuse(): void {
    this.#finish();
  }

  probe(): boolean {
    const { pingIntervalMs, idleTimeoutMs } = this.#options.liveness;
    if (this.#connection.queuedBytes > 0) {
      // A comment would only wait, too.
      this.#stalls++;
      return idleTimeoutMs === 0 || this.#stalls * this.idleTimeoutMs < idleTimeoutMs;
    }
    this.#stalls = 0;
    if (pingIntervalMs > 0) this.#write(': still here\n\n');
    return true;
  }

  end(): void {
    this.#ended = true;
    this.#member?.leave();
    this.#member = null;
    this.#options.onEnd(this.#bytesOut);
  }

  /** Ends the reply in good order, so that the client sees a whole message. */
  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#member?.leave();
    this.#member = null;
    this.#http.engine.sendEnd();
  }

  #write(text: string): void {
    if (this.#ended) return;
    const bytes = this.#options.chunked ? chunk(text) : Buffer.from(text);
    this.output.write(bytes, 0, bytes.length);
    this.#bytesOut += bytes.length;
    this.#connection.requestFlush();
  }
}
