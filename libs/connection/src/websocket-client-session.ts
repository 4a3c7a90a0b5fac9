// The client's side of a WebSocket's opening handshake (RFC 6455, section 4.1), as the session of an outbound connection. It sends one
// request; when the server agrees, it hands the connection to a `WebSocketSession` in the client role, and what follows is that one's.
// When the server does not, `refusal` says in words what it answered, problem details (RFC 9457) and `Retry-After` included.

import type { Pool } from '@sluice/brigade';
import { Http1Engine, Http1Event, type FieldList, type ResponseHead } from '@sluice/http1';
import { ClientHandshake, WebSocketEngine, type Sha1, type WebSocketLimits } from '@sluice/websocket';
import type { Connection } from './connection.ts';
import type { OutboundSession, Refusal } from './connector/outbound-session.ts';
import { EngineSession } from './engine-session.ts';
import { closeRefusal, isPermanent, refusalText, retryAfterMs, retryHintMs } from './handshake-refusal.ts';
import { StepResult } from './session.ts';
import { WebSocketSession, type Liveness, type WebSocketHandler } from './websocket-session.ts';

/** So much of a refusal's body is read for its text. */
const mostRefusalBytes = 8192;

export interface WebSocketClientOptions {
  readonly pool: Pool;
  /** `example.org:8080`, as the server knows itself: the Host field. */
  readonly authority: string;
  /** Path and query. */
  readonly target: string;
  readonly sha1: Sha1;
  /** 16 random bytes, new for every connection. */
  readonly nonce: Uint8Array;
  /** Unpredictable 32-bit integers: every frame is masked with another (RFC 6455, section 5.3). */
  readonly maskKey: () => number;
  /** Sub-protocols to offer, the preferred one first. */
  readonly protocols?: readonly string[];
  readonly origin?: string;
  /** Further fields of the request, names and values in turn: `Authorization`. */
  readonly fields?: FieldList;
  readonly limits?: Partial<WebSocketLimits>;
  readonly liveness: Liveness;
}

export class WebSocketClientSession extends EngineSession<Http1Engine> implements OutboundSession {
  readonly protocol = 'websocket';
  /** The open WebSocket; `null` before. */
  socket: WebSocketSession | null = null;
  /** The sub-protocol that the server chose. */
  subprotocol: string | null = null;
  #refusal: Refusal | null = null;
  readonly #options: WebSocketClientOptions;
  readonly #handler: WebSocketHandler;
  readonly #handshake: ClientHandshake;
  /** The body of a refusal, as far as it is kept. */
  readonly #body: number[] = [];
  #retryAfterMs: number | null = null;
  #isOver = false;

  /** @throws UsageError options that make no request */
  constructor(options: WebSocketClientOptions, handler: WebSocketHandler) {
    super(new Http1Engine({ role: 'client', pool: options.pool }));
    this.#options = options;
    this.#handler = handler;
    const { sha1, nonce, protocols, origin } = options;
    this.#handshake = new ClientHandshake({ sha1, nonce, ...(protocols !== undefined && { protocols }), ...(origin !== undefined && { origin }) });
  }

  /** How long the server wants to be left alone: with its refusal, or with the goodbye of a WebSocket that was open. */
  get retryAfterMs(): number | null {
    return this.#retryAfterMs ?? (this.socket === null ? null : retryHintMs(this.socket.engine.closeReason));
  }

  /** What the server said instead of switching, or why it closed what was open with the blame on this client. */
  get refusal(): Refusal | null {
    return this.#refusal ?? (this.socket === null ? null : closeRefusal(this.socket.engine.closeCode, this.socket.engine.closeReason));
  }

  get idleTimeoutMs(): number {
    return 0;
  }

  override attach(connection: Connection): void {
    super.attach(connection);
    const { authority, target, fields = [] } = this.#options;
    this.engine.sendRequest('GET', target, ['Host', authority, ...this.#handshake.headers.flat(), ...fields]);
    this.engine.sendEnd();
    connection.requestFlush();
  }

  step(): StepResult {
    const { engine } = this;
    if (this.#isOver) return StepResult.NeedData;
    switch (engine.next()) {
      case Http1Event.NeedData:
        return StepResult.NeedData;
      case Http1Event.Head:
        this.#readRefusal(engine.response);
        return StepResult.Again;
      case Http1Event.Data:
        for (let at = engine.dataStart; at < engine.dataEnd && this.#body.length < mostRefusalBytes; at++) this.#body.push(engine.data[at]);
        if (this.#body.length === mostRefusalBytes) this.#refused();
        return StepResult.Again;
      case Http1Event.EndOfMessage:
        if (this.#refusal !== null) this.#refused();
        return StepResult.Again;
      case Http1Event.Upgrade:
        this.#open(engine.response);
        return StepResult.Again;
      case Http1Event.Closed:
        this.#end('truncated');
        return StepResult.NeedData;
      case Http1Event.Failed:
        this.#failed();
        return StepResult.NeedData;
      default:
        return StepResult.Again;
    }
  }

  /** Any answer but 101 is a refusal; its body may say more. */
  #readRefusal(response: ResponseHead): void {
    const { status } = response;
    this.#retryAfterMs = retryAfterMs(response);
    this.#refusal = { text: refusalText(response, []), status, permanent: isPermanent(status) };
  }

  /** The refusal has been read as far as it is wanted. */
  #refused(): void {
    const refusal = this.#refusal;
    if (refusal === null || this.#isOver) return;
    this.#refusal = { ...refusal, text: refusalText(this.engine.response, this.#body) };
    this.#end('refused');
  }

  #failed(): void {
    const { failure } = this.engine;
    // Who hangs up without a word has not said that it does not want this client.
    const isCut = failure === null || failure.code === 'missingResponse' || failure.code.startsWith('truncated');
    // Cut short, what there is of a refusal still counts; other bytes that are no HTTP are worth a word.
    if (!isCut && this.#refusal === null) this.#refusal = { text: `the server's answer is not HTTP: ${failure.message}`, status: null, permanent: false };
    this.#end(isCut ? 'truncated' : 'protocolError');
  }

  #open(response: ResponseHead): void {
    const { status } = response;
    const result = this.#handshake.check({ status, header: (name) => response.get(name) ?? undefined });
    if (!result.accepted) {
      // It says that it switched, but not to what was asked: nothing behind this can be understood.
      this.#refusal = { text: `the server is none for WebSockets: ${result.reason}`, status, permanent: true };
      this.#end('protocolError');
      return;
    }
    this.subprotocol = result.protocol;
    const { pool, maskKey, limits, liveness } = this.#options;
    const engine = new WebSocketEngine({ role: 'client', pool, maskKey, ...(limits !== undefined && { limits }) });
    const { connection } = this;
    this.socket = new WebSocketSession(engine, this.#handler, liveness);
    connection.handOver(this.socket, this.engine.takeLeftover());
    connection.established();
  }

  #end(reason: 'refused' | 'protocolError' | 'truncated'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.connection.finish(reason);
    this.connection.done();
  }

  onWritable(): void {
    // One request, far below any window.
  }

  drain(): void {
    this.#isOver = true;
    this.connection.done();
  }

  refuse(): void {
    // A client has no answer to give before it is connected.
  }

  probe(): boolean {
    return false;
  }

  end(): void {
    // The handler was never told of an opening.
  }
}
