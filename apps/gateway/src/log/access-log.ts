// The access log: one JSON line for each request and each closed connection.

import { CommandSession, type CloseReason, type Connection, type HttpExchange } from '@sluice/connection';
import type { Clock } from '@sluice/timing';
import { clientOf, requestClientOf, viaOf } from '../client-address/request-client.ts';
import { tlsFacts } from '../tls/facts.ts';
import { failureText } from './failure.ts';
import type { LineWriter } from './line-writer.ts';

const tokenParameter = 'access_token';

export class AccessLog {
  readonly #writer: LineWriter | null;
  readonly #clock: Clock;

  readonly #onResponse: (exchange: HttpExchange) => void;

  /** Without a writer nothing is logged. `onResponse` is called for each response all the same. */
  constructor(writer: LineWriter | null, clock: Clock, onResponse: (exchange: HttpExchange) => void = () => {}) {
    this.#writer = writer;
    this.#clock = clock;
    this.#onResponse = onResponse;
  }

  /** The reply has left whole, or never will. */
  request(exchange: HttpExchange, error: Error | null): void {
    this.#onResponse(exchange);
    if (this.#writer === null) return;
    const { connection } = exchange.session;
    const client = requestClientOf(exchange);
    this.#writer.write({
      time: new Date().toISOString(),
      log: 'request',
      connection: connection.id,
      peer: client?.host ?? connection.endpoint.peer.host,
      ...proxyOf(client?.via ?? viaOf(connection), client?.proto),
      method: exchange.method,
      target: withoutToken(exchange.target),
      status: exchange.status,
      ...(exchange.refusedStatus === 0 ? {} : { refused: exchange.refusedStatus }),
      bytesIn: exchange.bytesIn,
      bytesOut: exchange.bytesOut,
      durationMs: rounded(this.#clock.now() - exchange.startedAtMs),
      tls: tlsFacts(connection.endpoint),
      ...(error === null ? {} : { error: error.message }),
    });
  }

  closed(connection: Connection, reason: CloseReason): void {
    if (this.#writer === null) return;
    const { endpoint } = connection;
    const { host, port } = clientOf(connection);
    this.#writer.write({
      time: new Date().toISOString(),
      log: 'close',
      connection: connection.id,
      peer: host,
      port,
      ...proxyOf(viaOf(connection)),
      protocol: connection.session.protocol,
      ...nameOf(connection),
      reason,
      bytesIn: endpoint.bytesIn,
      bytesOut: endpoint.bytesOut,
      ageMs: rounded(this.#clock.now() - connection.openedAtMs),
      tls: tlsFacts(endpoint),
      ...(connection.failure === null ? {} : { error: failureText(connection.failure) }),
    });
  }
}

/** The proxy between the client (`peer`) and us, and what the client spoke to it. */
function proxyOf(via: string | null = null, proto: string | null = null): { readonly via?: string; readonly proto?: string } {
  return { ...(via !== null && { via }), ...(proto !== null && { proto }) };
}

/** What the peer of a command connection goes by. */
function nameOf({ session }: Connection): { readonly name?: string } {
  return session instanceof CommandSession && session.peerName !== null ? { name: session.peerName } : {};
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** A token in the query is a secret: it does not go into logs, however its name is written. */
export function withoutToken(target: string): string {
  const start = target.indexOf('?') + 1;
  if (start === 0) return target;
  const pairs = target.slice(start).split('&');
  return target.slice(0, start) + pairs.map((pair) => (new URLSearchParams(pair).has(tokenParameter) ? `${tokenParameter}=***` : pair)).join('&');
}
