// Whose name a request on a loopback listener may carry.
//
// A web page can let its own name lead to 127.0.0.1 once it is loaded (DNS rebinding); to the browser the gateway is then the
// page's own host, and no origin is foreign. What gives it away is the Host field: a public name. So, while no token guards what a
// loopback listener serves, only names that no page of another host can have are answered: addresses, `localhost`, names without
// a dot, and, but for the admin listener, the hosts of listed origins.
//
// A proxy may put its own name in the Host field (nginx does so by default), and then the name says nothing. Where a trusted proxy names a
// client on another machine, the request is held to the same: a token, or a listed origin's host.

import type { HttpExchange, HttpHandler, RefusedRequest } from '@sluice/connection';
import type { FieldList } from '@sluice/http1';
import { requestClientOf } from '../client-address/request-client.ts';
import { isLoopback } from '../config/index.ts';
import type { OriginPolicy } from './origin.ts';
import { replyProblem } from './reply.ts';

const address = /^(?:\[[0-9a-f:.]+\]|\d{1,3}(?:\.\d{1,3}){3})(?::\d*)?$/i;
const localName = /^(?:[^.:]*|(?:[^:]*\.)?localhost)\.?(?::\d*)?$/i;

/** Whether the `host[:port]` cannot be the name of a web page elsewhere. Empty, as from an HTTP/1.0 client, is no name at all. */
export function isOwnName(authority: string): boolean {
  return localName.test(authority) || address.test(authority);
}

/** The client's address where a trusted proxy sent the request for another machine; null otherwise. */
function foreignClientOf(exchange: HttpExchange): string | null {
  const client = requestClientOf(exchange);
  return client === null || client.via === null || isLoopback(client.host) ? null : client.host;
}

/** Stands in front of a listener's handler; `isGuarded` tells whether tokens protect it anyway. */
export class OwnNamesOnly implements HttpHandler {
  readonly #inner: HttpHandler;
  readonly #origins: OriginPolicy | null;
  readonly #isGuarded: () => boolean;
  /** The name that was found good last: most requests come with the same. */
  #known = '';

  /** `origins` null: no listed name counts. Who lists a page lets it use topics, and not whatever else this machine has. */
  constructor(inner: HttpHandler, origins: OriginPolicy | null, isGuarded: () => boolean) {
    this.#inner = inner;
    this.#origins = origins;
    this.#isGuarded = isGuarded;
  }

  onRequest(exchange: HttpExchange): void {
    const { authority } = exchange.head;
    const foreigner = foreignClientOf(exchange);
    if (foreigner === null && (authority === this.#known || isOwnName(authority))) {
      this.#known = authority;
    } else if (!this.#isGuarded() && this.#origins?.lists(authority) !== true) {
      this.#refuse(exchange, authority, foreigner);
      return;
    }
    this.#inner.onRequest(exchange);
  }

  #refuse(exchange: HttpExchange, authority: string, foreigner: string | null): void {
    const token = this.#origins === null ? 'auth.adminToken' : 'auth.tokens';
    if (foreigner !== null && isOwnName(authority)) {
      const detail = `Without a token only clients of this machine are served, and a proxy sent this request for ${foreigner}: set ${token}.`;
      replyProblem(exchange, { status: 403, detail });
      return;
    }
    const origins = this.#origins === null ? '' : ' Listing an origin in origins also opens its name, but to everyone, without a token.';
    const proxies = 'Behind a proxy, set trustedProxies too.';
    const detail = `Without a token only names of this machine are served, and ${authority} is none: set ${token}. ${proxies}${origins}`;
    replyProblem(exchange, { status: 421, detail });
  }

  onReplied(exchange: HttpExchange, error: Error | null): void {
    this.#inner.onReplied(exchange, error);
  }

  errorReply(status: number, detail: string, request: RefusedRequest): { headers: FieldList; body: Uint8Array } {
    return this.#inner.errorReply(status, detail, request);
  }
}
