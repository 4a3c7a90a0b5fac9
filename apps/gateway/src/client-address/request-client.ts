// The client of a request that came through a trusted proxy: kept with the exchange, and with the connection of what it became.

import type { Connection, HttpExchange } from '@sluice/connection';
import type { PeerAddress } from '@sluice/transport';

export class RequestClient implements PeerAddress {
  /** The address that the trusted proxies name; the proxy's own where they name none. */
  readonly host: string;
  /** 0: they do not tell. */
  readonly port: number;
  /** The proxy that the request came from; null where it named no client. */
  readonly via: string | null;
  /** What the client spoke to the first trusted proxy: `https`, `http`, …; null where they do not tell. */
  readonly proto: string | null;

  constructor({ host, port }: PeerAddress, via: string | null, proto: string | null) {
    this.host = host;
    this.port = port;
    this.via = via;
    this.proto = proto;
  }

  /** The client's own connection was encrypted. */
  get isSecure(): boolean {
    return this.proto === 'https' || this.proto === 'wss';
  }
}

/** What a trusted proxy says of the request's client; null where there is none in front. */
export function requestClientOf({ userData }: HttpExchange): RequestClient | null {
  return userData instanceof RequestClient ? userData : null;
}

/** The client's address: what the trusted proxies name, or the peer of the connection. */
export function clientHostOf(exchange: HttpExchange): string {
  return requestClientOf(exchange)?.host ?? exchange.session.connection.endpoint.peer.host;
}

/** The request came over TLS: to us, or to the trusted proxy in front. */
export function isSecureRequest(exchange: HttpExchange): boolean {
  return exchange.session.connection.endpoint.secureSession !== undefined || requestClientOf(exchange)?.isSecure === true;
}

/** Something that knows the client of a connection which began as a request (a socket, an event stream). */
export interface HasClient {
  readonly client: RequestClient | null;
}

/** The client at the other end of a connection, as far as it is known: the address that counts for rates, lists and logs. */
export function clientOf({ userData, endpoint }: Connection): PeerAddress {
  return (isOfClient(userData) ? userData.client : null) ?? endpoint.peer;
}

/** The proxy in front of that client; null without one. */
export function viaOf({ userData, endpoint }: Connection): string | null {
  return (isOfClient(userData) ? userData.client?.via : undefined) ?? endpoint.via?.host ?? null;
}

function isOfClient(userData: unknown): userData is HasClient {
  return typeof userData === 'object' && userData !== null && 'client' in userData;
}
