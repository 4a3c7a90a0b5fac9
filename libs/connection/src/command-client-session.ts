// The client's side of the command protocol, as the session of an outbound connection: a `CommandClient` that is lent what arrives, and
// whose output leaves with the connection. Requests may be made from `onOpen` on; each has a callback of its own.

import { CommandClient, failures, type CommandEnd, type CommandEngine, type CommandLimits, type FailureCode, type GapHead, type PublicationHead, type ReplyCallback, type RequestParts } from '@sluice/command';
import type { Pool } from '@sluice/brigade';
import type { OutboundSession, Refusal } from './connector/outbound-session.ts';
import { EngineSession } from './engine-session.ts';
import type { CloseReason } from './reasons.ts';
import { StepResult } from './session.ts';

/** What an application does with a command connection of its own making. */
export interface CommandClientHandler {
  /** The server has greeted us. */
  onOpen(session: CommandClientSession): void;
  /** A publication of a topic subscribed to. Head and bytes are lent for the call. */
  onPublication(session: CommandClientSession, publication: PublicationHead, bytes: Uint8Array, start: number, end: number): void;
  /** Publications are missing before the next one. */
  onGap(session: CommandClientSession, gap: GapHead): void;
  /** The outbound window has room again. */
  onWritable(session: CommandClientSession): void;
  /** The connection is gone, and every request's callback was called. The last call; it comes without `onOpen` too. */
  onClose(session: CommandClientSession, reason: CloseReason): void;
}

export interface CommandClientSessionOptions {
  readonly pool: Pool;
  readonly limits?: Partial<CommandLimits>;
  /** Silence after which the server is sent a PING, and after the same time again is taken for gone; 0 for never. */
  readonly idleTimeoutMs: number;
}

const ourFaults: ReadonlySet<string> = new Set(Object.values(failures).map(({ text }) => text));

/** What is said about our certificate or our bytes stays true; anything else (too many connections, being too slow) passes. */
function isAboutUs(text: string): boolean {
  return ourFaults.has(text) || /certificate/i.test(text);
}

/** Ends that are the transport's, not of what was said. */
const cuts: ReadonlySet<string> = new Set<FailureCode>(['truncated', 'missingGreeting', 'missingReply']);

export class CommandClientSession extends EngineSession<CommandEngine> implements OutboundSession {
  readonly protocol = 'command';
  readonly client: CommandClient;
  refusal: Refusal | null = null;
  retryAfterMs: number | null = null;
  readonly idleTimeoutMs: number;
  readonly #handler: CommandClientHandler;
  #isPaused = false;
  #isOver = false;
  #isProbing = false;

  constructor({ pool, limits, idleTimeoutMs }: CommandClientSessionOptions, handler: CommandClientHandler) {
    const client = new CommandClient(
      { pool, ...(limits !== undefined && { limits }) },
      {
        onGreeting: () => {
          this.connection.established();
          handler.onOpen(this);
        },
        onPublication: (publication, bytes, start, end) => handler.onPublication(this, publication, bytes, start, end),
        onGap: (gap) => handler.onGap(this, gap),
        onEnd: (end) => this.#onEnd(end),
      },
    );
    super(client.engine);
    this.client = client;
    this.idleTimeoutMs = idleTimeoutMs;
    this.#handler = handler;
  }

  /** Sends a request; its Sequence is the answer. @throws UsageError when the connection takes no further request */
  request(command: string, args: readonly string[], callback: ReplyCallback, parts: RequestParts = {}): string {
    const sequence = this.client.request(command, args, callback, parts);
    this.connection.requestFlush();
    return sequence;
  }

  /** Reads no further until `resume()`. What one read has brought is still handed over. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.connection.unblock();
  }

  override receive(bytes: Uint8Array, start: number, end: number): void {
    this.#isProbing = false;
    this.client.receive(bytes, start, end);
  }

  override receiveEnd(): void {
    this.client.receiveEnd();
  }

  /** The client uses what it is lent at once; only further reading can wait. */
  step(): StepResult {
    return this.#isPaused && !this.#isOver ? StepResult.Blocked : StepResult.NeedData;
  }

  #onEnd(end: CommandEnd): void {
    this.#isOver = true;
    switch (end.kind) {
      case 'goodbye':
        if (end.retryAfterMs >= 0) this.retryAfterMs = end.retryAfterMs;
        this.#finish('peerClosed');
        break;
      case 'refused':
        this.refusal = { text: `the server refused: ${end.text}`, status: null, permanent: isAboutUs(end.text) };
        this.#finish('refused');
        break;
      case 'failed':
        this.#finish(cuts.has(end.failure.code) ? 'truncated' : 'protocolError');
        break;
      case 'closed':
        this.#finish('peerClosed');
    }
  }

  #finish(reason: CloseReason): void {
    this.connection.finish(reason);
    this.connection.done();
  }

  onWritable(): void {
    this.#handler.onWritable(this);
  }

  /** No further request; the end comes behind the last reply, which is read even while the handler has paused. */
  drain(): void {
    this.#isPaused = false;
    if (!this.#isOver) this.client.close();
  }

  refuse(): void {
    // A client has nothing to say to a server that it gives up.
  }

  probe(): boolean {
    if (this.#isProbing || this.#isOver || !this.client.isOpen) return false;
    this.#isProbing = true;
    this.client.request('PING', [], () => {});
    return true;
  }

  end(reason: CloseReason): void {
    this.#isOver = true;
    this.client.abandon();
    this.#handler.onClose(this, reason);
  }
}
