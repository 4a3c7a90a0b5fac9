// The admin listener: metrics, health, connections, and the inspector where it is on. Not for the open internet: on loopback by default,
// and behind a token where the configuration has one.

import type { HttpExchange, HttpHandler } from '@sluice/connection';
import { isKnownMethod, type FieldList } from '@sluice/http1';
import type { ConnectionRegistry } from '@sluice/supervision';
import type { Clock } from '@sluice/timing';
import type { TokenCheck } from '../http/auth.ts';
import { problemDocument, problemType } from '../http/problem.ts';
import { replyJson, replyMethodNotAllowed, replyMethodUnknown, replyProblem, replyText } from '../http/reply.ts';
import { InspectionRoutes } from '../inspection/inspection-routes.ts';
import { listConnections } from './connection-list.ts';
import type { GatewayMetrics } from './metrics.ts';

export interface AdminHandlerOptions {
  readonly registry: ConnectionRegistry;
  readonly metrics: GatewayMetrics;
  readonly tokens: TokenCheck;
  readonly clock: Clock;
  /** False until every listener is bound, and from the beginning of a drain. */
  readonly isReady: () => boolean;
  /** Null: inspection is turned off. */
  readonly inspection: InspectionRoutes | null;
}

const defaultLimit = 100;
const maxLimit = 10_000;
const index = 'Sluice admin: /metrics /healthz /readyz /connections /inspector/\n';

export class AdminHandler implements HttpHandler {
  readonly #options: AdminHandlerOptions;

  constructor(options: AdminHandlerOptions) {
    this.#options = options;
  }

  onRequest(exchange: HttpExchange): void {
    const { path, query } = exchange.head;
    const { tokens, metrics, isReady, inspection } = this.#options;
    if (!isKnownMethod(exchange.method)) {
      replyMethodUnknown(exchange);
    } else if (inspection !== null && InspectionRoutes.has(path)) {
      inspection.handle(exchange, path, new URLSearchParams(query ?? ''));
    } else if (exchange.method !== 'GET' && exchange.method !== 'HEAD') {
      replyMethodNotAllowed(exchange, 'GET, HEAD');
    } else if (path === '/healthz') {
      replyText(exchange, 200, 'text/plain', 'ok\n');
    } else if (path === '/readyz') {
      const ready = isReady();
      replyText(exchange, ready ? 200 : 503, 'text/plain', ready ? 'ready\n' : 'not ready\n');
    } else if (!tokens.admits(exchange.head.get('authorization'))) {
      replyProblem(exchange, { status: 401, detail: 'The admin token is needed.', headers: ['WWW-Authenticate', 'Bearer'] });
    } else if (path === '/metrics') {
      replyText(exchange, 200, 'text/plain; version=0.0.4; charset=utf-8', metrics.format());
    } else if (path === '/connections') {
      this.#connections(exchange, new URLSearchParams(query ?? ''));
    } else if (path === '/') {
      replyText(exchange, 200, 'text/plain', index);
    } else {
      replyProblem(exchange, { status: 404, detail: 'There is nothing here.' });
    }
  }

  #connections(exchange: HttpExchange, query: URLSearchParams): void {
    const limit = Number(query.get('limit') ?? defaultLimit);
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      replyProblem(exchange, { status: 400, detail: `limit is a whole number from 1 to ${maxLimit}.` });
      return;
    }
    const filter = {
      state: query.get('state'),
      protocol: query.get('protocol'),
      peer: query.get('peer'),
      topic: query.get('topic'),
      limit,
    };
    replyJson(exchange, listConnections(this.#options.registry, filter, this.#options.clock.now()));
  }

  onReplied(): void {
    // Scrapes are not logged: there would be little else in the log.
  }

  errorReply(status: number, detail: string): { headers: FieldList; body: Uint8Array } {
    return { headers: ['Content-Type', problemType], body: Buffer.from(problemDocument({ status, detail })) };
  }
}
