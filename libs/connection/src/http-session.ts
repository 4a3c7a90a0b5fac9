// The session of an HTTP connection: each request becomes an exchange, replies leave in the order of requests, and a
// connection that is upgraded is handed on.

import { makeSent } from '@sluice/brigade';
import { Http1Event, type FieldList, type Http1Engine } from '@sluice/http1';
import { EngineSession } from './engine-session.ts';
import { HttpExchange } from './http-exchange.ts';
import type { CloseReason } from './reasons.ts';
import { StepResult, type Session } from './session.ts';

/** What an application does with requests. One handler serves all connections of a listener. */
export interface HttpHandler {
  /** The head is complete. Reply now or later; set `exchange.body` to take the body as it comes. */
  onRequest(exchange: HttpExchange): void;
  /** The reply has left whole (`null`), or never will. Comes once for each exchange. */
  onReplied(exchange: HttpExchange, error: Error | null): void;
  /** The document a peer gets whose request was not understood, or who is turned away: headers and body. */
  errorReply(status: number, detail: string, request: RefusedRequest): { readonly headers: FieldList; readonly body: Uint8Array };
}

/** What is known of a request that is refused before it is whole. */
export interface RefusedRequest {
  /** Its `Origin`, as far as it has come; null without one. */
  readonly origin: string | null;
  /** Host and port that it names; empty while they have not come. */
  readonly authority: string;
  /** The connection is encrypted. */
  readonly isSecure: boolean;
}

export interface HttpSessionSettings {
  /** Silence between two requests after which the connection is closed; 0 for never. */
  readonly keepAliveTimeoutMs: number;
}

const refusals: Partial<Record<CloseReason, readonly [status: number, detail: string]>> = {
  handshakeTimeout: [408, 'The request did not become complete in time.'],
  overload: [503, 'There are more connections than this server holds.'],
  rateLimited: [429, 'That is too much in too little time.'],
  internalError: [500, 'The server failed at this request.'],
};

export class HttpSession extends EngineSession<Http1Engine> {
  readonly protocol = 'http';
  readonly handler: HttpHandler;
  readonly settings: HttpSessionSettings;
  #exchange: HttpExchange | null = null;
  /** The request of the current exchange is complete. */
  #requestEnded = false;
  /** The reply of the current exchange is complete. */
  #replyEnded = false;
  /** A request has begun and is not complete: its deadline runs. */
  #awaiting = false;
  #draining = false;
  #upgradeTo: (() => Session) | null = null;
  /** What the peer had taken when it was found to take no more, and since when. */
  #takenBytes = -1;
  #stalledSinceMs = 0;

  constructor(engine: Http1Engine, handler: HttpHandler, settings: HttpSessionSettings) {
    super(engine);
    this.handler = handler;
    this.settings = settings;
  }

  get idleTimeoutMs(): number {
    return this.settings.keepAliveTimeoutMs;
  }

  override receive(bytes: Uint8Array, start: number, end: number): void {
    if (this.#exchange === null) this.#await();
    super.receive(bytes, start, end);
  }

  /** A request has begun. The first one has the handshake's time. */
  #await(): void {
    if (this.#awaiting || this.connection.state.phase !== 'established') return;
    this.#awaiting = true;
    this.connection.awaitRequest();
  }

  step(): StepResult {
    const { engine } = this;
    switch (engine.next()) {
      case Http1Event.NeedData:
        // The beginning of a request may have come with the end of the one before.
        if (this.#exchange === null && engine.heldBytes > 0) this.#await();
        return StepResult.NeedData;
      case Http1Event.Head:
        this.#begin();
        return StepResult.Again;
      case Http1Event.Data: {
        const exchange = this.#exchange;
        if (exchange !== null) {
          exchange.bytesIn += engine.dataEnd - engine.dataStart;
          exchange.body?.onData(engine.data, engine.dataStart, engine.dataEnd);
        }
        return StepResult.Again;
      }
      case Http1Event.EndOfMessage:
        this.#awaiting = false;
        this.connection.requestComplete();
        this.#requestEnded = true;
        this.#exchange?.body?.onEnd();
        this.#settle();
        return StepResult.Again;
      case Http1Event.Paused:
        return StepResult.Blocked;
      case Http1Event.Upgrade:
        this.#handOver();
        return StepResult.Again;
      case Http1Event.Closed:
        this.#onEndOfRequests();
        return StepResult.NeedData;
      case Http1Event.Failed:
        this.#onFailure();
        return StepResult.NeedData;
      default:
        return StepResult.Again;
    }
  }

  #begin(): void {
    const exchange = new HttpExchange(this, this.engine.request);
    this.#exchange = exchange;
    this.#requestEnded = false;
    this.#replyEnded = false;
    this.connection.established();
    if (!this.#awaiting) {
      this.#awaiting = true;
      this.connection.awaitRequest();
    }
    this.handler.onRequest(exchange);
    if (exchange.body !== null && this.isCurrent(exchange) && this.engine.expectsContinue) this.engine.sendContinue();
  }

  isCurrent(exchange: HttpExchange): boolean {
    return exchange === this.#exchange && !this.#replyEnded;
  }

  /** The exchange's reply is complete. */
  finishReply(exchange: HttpExchange): void {
    if (exchange !== this.#exchange || this.#replyEnded) return;
    this.engine.sendEnd();
    this.engine.output.append(makeSent((error) => this.handler.onReplied(exchange, error)));
    this.#replyEnded = true;
    this.connection.requestFlush();
    this.#settle();
  }

  /** The reply is complete: ends the connection when it was the last, goes on when the request is complete too. */
  #settle(): void {
    if (!this.#replyEnded || this.#upgradeTo !== null) return;
    if (!this.engine.keepAlive) {
      this.#exchange = null;
      this.connection.finish(this.#draining ? 'drained' : 'served');
      this.connection.done();
    } else if (this.#requestEnded) {
      this.#exchange = null;
      this.connection.unblock();
    }
  }

  upgrade(exchange: HttpExchange, protocol: string, headers: FieldList, make: () => Session): void {
    if (exchange !== this.#exchange) return;
    this.engine.acceptUpgrade(protocol, headers);
    this.engine.output.append(makeSent((error) => this.handler.onReplied(exchange, error)));
    this.#upgradeTo = make;
    this.connection.requestFlush();
    this.connection.unblock();
  }

  #handOver(): void {
    const make = this.#upgradeTo;
    if (make === null) throw new Error('an upgrade that nobody asked for');
    this.#exchange = null;
    this.connection.handOver(make(), this.engine.takeLeftover());
  }

  takeOver(exchange: HttpExchange, make: (session: HttpSession) => Session): void {
    if (exchange !== this.#exchange) return;
    this.#awaiting = false;
    this.connection.requestComplete();
    this.connection.handOver(make(this), null);
  }

  #onEndOfRequests(): void {
    if (this.#exchange !== null && !this.#replyEnded) return;
    this.connection.finish('peerClosed');
    this.connection.done();
  }

  #onFailure(): void {
    const { failure } = this.engine;
    if (failure === null) return;
    const limit = failure.status === 413 || failure.status === 414 || failure.status === 431;
    this.#abandon(new Error(failure.code), failure.status);
    this.#answer(failure.status, failure.message);
    this.connection.fail(failure.code.startsWith('truncated') ? 'truncated' : limit ? 'limitExceeded' : 'protocolError');
  }

  /** Queues an error reply, where one can still be sent: not in the middle of another. */
  #answer(status: number, detail: string): void {
    if (!this.engine.canReply) return;
    const request: RefusedRequest = {
      origin: this.engine.partialField('origin'),
      authority: this.engine.partialField('host') ?? '',
      isSecure: this.connection.endpoint.secureSession !== undefined,
    };
    const { headers, body } = this.handler.errorReply(status, detail, request);
    this.engine.close();
    this.engine.sendHead(status, headers, body.length);
    this.engine.sendData(body, 0, body.length);
    this.engine.sendEnd();
  }

  onWritable(): void {
    this.#exchange?.onWritable?.();
  }

  drain(): void {
    this.#draining = true;
    // Requests that have come already are not begun any more either.
    this.engine.close();
    if (this.#exchange === null || this.#replyEnded) this.connection.done();
  }

  refuse(reason: CloseReason): void {
    const [status, detail] = refusals[reason] ?? [500, 'The connection is being closed.'];
    this.#abandon(new Error(detail), status);
    this.engine.giveUp();
    this.#answer(status, detail);
  }

  probe(): boolean {
    const { endpoint, host } = this.connection;
    // A reply in progress keeps the connection: it is the peer who waits.
    if (this.connection.queuedBytes === 0) return this.#exchange !== null;
    // A reply that the peer does not take is given up after the time that a request has to arrive.
    const nowMs = host.clock.now();
    if (endpoint.bytesOut !== this.#takenBytes) {
      this.#takenBytes = endpoint.bytesOut;
      this.#stalledSinceMs = nowMs - this.settings.keepAliveTimeoutMs;
    }
    return nowMs - this.#stalledSinceMs < host.timeouts.requestTimeoutMs;
  }

  end(reason: CloseReason): void {
    this.#abandon(new Error(reason), 0);
  }

  /** The exchange in progress will not be completed; its peer gets an answer of that status instead, where one can still be sent. */
  #abandon(error: Error, status: number): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange === null || this.#replyEnded) return;
    if (this.engine.canReply) exchange.status = status;
    exchange.onAbort?.();
    this.handler.onReplied(exchange, error);
  }
}
