// Stands in front of a listener's handler: what a trusted proxy says of a request's client is found before anything asks for it.

import type { HttpExchange, HttpHandler, RefusedRequest } from '@sluice/connection';
import type { FieldList } from '@sluice/http1';
import type { TrustedProxies } from './trusted-proxies.ts';

export class ClientAddressing implements HttpHandler {
  readonly #inner: HttpHandler;
  readonly #proxies: TrustedProxies;

  constructor(inner: HttpHandler, proxies: TrustedProxies) {
    this.#inner = inner;
    this.#proxies = proxies;
  }

  onRequest(exchange: HttpExchange): void {
    this.#proxies.resolve(exchange);
    this.#inner.onRequest(exchange);
  }

  onReplied(exchange: HttpExchange, error: Error | null): void {
    this.#inner.onReplied(exchange, error);
  }

  errorReply(status: number, detail: string, request: RefusedRequest): { headers: FieldList; body: Uint8Array } {
    return this.#inner.errorReply(status, detail, request);
  }
}
