// Refusals that a page in a browser can see. A browser tells its page nothing of an HTTP error in answer to a WebSocket handshake or to
// an EventSource: the one sees code 1006 whatever the status was, the other ends for good. So, where the configuration asks for it, the
// gateway accepts such a request and refuses in the protocol it asked for: a WebSocket by a close code, an event stream by an event.

import type { HttpExchange, HttpHandler, RefusedRequest, CloseReason, WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { FieldList } from '@sluice/http1';
import { acceptsEventStream } from '../http/accepts-event-stream.ts';
import { eventStreamFields } from '../http/event-stream-fields.ts';
import { problemDocument, type Problem } from '../http/problem.ts';
import { refuseBy } from '../http/reply.ts';
import { closeCodeOf, closeReason } from '../refusals/close-code.ts';
import { hasUpgrade } from './lost-upgrade.ts';
import type { SocketUpgrades } from './upgrades.ts';

/** When an EventSource tries again that was refused for what will not change by itself. */
const lastingRetryMs = 60_000;

/** Stands in front of a listener's handler. */
export class InBandRefusals implements HttpHandler {
  readonly #inner: HttpHandler;
  readonly #upgrades: SocketUpgrades;
  readonly #retryHint: () => number;

  /** `retryHint` is when to come back, in ms, where a temporary refusal does not say it itself. */
  constructor(inner: HttpHandler, upgrades: SocketUpgrades, retryHint: () => number) {
    this.#inner = inner;
    this.#upgrades = upgrades;
    this.#retryHint = retryHint;
  }

  onRequest(exchange: HttpExchange): void {
    const { head, method } = exchange;
    if (method === 'GET') {
      if (hasUpgrade(head)) refuseBy(exchange, (problem) => this.#closeSocket(exchange, problem));
      else if (acceptsEventStream(head.get('accept'))) refuseBy(exchange, (problem) => this.#endStream(exchange, problem));
    }
    this.#inner.onRequest(exchange);
  }

  onReplied(exchange: HttpExchange, error: Error | null): void {
    this.#inner.onReplied(exchange, error);
  }

  errorReply(status: number, detail: string, request: RefusedRequest): { headers: FieldList; body: Uint8Array } {
    return this.#inner.errorReply(status, detail, request);
  }

  #closeSocket(exchange: HttpExchange, problem: Problem): boolean {
    const accepted = this.#upgrades.acceptToRefuse(exchange, () => new RefusedSocket(problem, isTemporary(problem) ? this.#retryMs(problem) : 0));
    if (accepted) exchange.refusedStatus = problem.status;
    return accepted;
  }

  #endStream(exchange: HttpExchange, problem: Problem): boolean {
    exchange.refusedStatus = problem.status;
    const event = `retry: ${this.#retryMs(problem)}\nevent: refused\ndata: ${problemDocument(problem)}\n`;
    exchange.reply(200, eventStreamFields, Buffer.from(event));
    return true;
  }

  #retryMs(problem: Problem): number {
    const { headers = [] } = problem;
    const at = headers.indexOf('Retry-After');
    if (at >= 0) return Number(headers[at + 1]) * 1000;
    return isTemporary(problem) ? this.#retryHint() : lastingRetryMs;
  }
}

function isTemporary({ status }: Problem): boolean {
  return status === 429 || status >= 500;
}

/** Closes as soon as it is open. */
class RefusedSocket implements WebSocketHandler {
  readonly #problem: Problem;
  readonly #retryMs: number;

  constructor(problem: Problem, retryMs: number) {
    this.#problem = problem;
    this.#retryMs = retryMs;
  }

  onOpen(socket: WebSocketSession): void {
    const { status, detail } = this.#problem;
    socket.close(closeCodeOf(status), closeReason(detail, this.#retryMs), reasonOf(status));
  }

  onMessage(): boolean {
    return true;
  }

  onWritable(): void {}

  onClose(): void {}
}

function reasonOf(status: number): CloseReason {
  if (status === 429) return 'rateLimited';
  return status === 503 ? 'overload' : 'refused';
}
