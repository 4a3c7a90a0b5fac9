// Where a request carries its token. The first that is there counts: the Authorization field; a WebSocket's offered sub-protocols;
// `access_token` in the query; a cookie, where the configuration names one.
//
// A browser adds a cookie to requests of any page, so a cookie counts only where the page that sent the request is known and trusted:
// by an Origin field that is the gateway's own host or is listed (`*` lists nobody), or, on a GET without an Origin, by
// Sec-Fetch-Site (Fetch Metadata section 2.4). A POST of a browser always has an Origin.

import type { HttpExchange } from '@sluice/connection';
import { isSecureRequest } from '../client-address/request-client.ts';
import { bearerOf } from './auth.ts';
import type { OriginPolicy } from './origin.ts';
import { splitProtocols } from './subprotocol-token.ts';

type Head = HttpExchange['head'];

export class Credentials {
  readonly #origins: OriginPolicy;
  #cookie: string | null;

  /** `cookie` is the name of the cookie that carries a token; null for none. */
  constructor(origins: OriginPolicy, cookie: string | null) {
    this.#origins = origins;
    this.#cookie = cookie;
  }

  /** The name of the cookie for later requests. */
  replace(cookie: string | null): void {
    this.#cookie = cookie;
  }

  /** The token of a request; null without one. */
  tokenOf(exchange: HttpExchange, query: URLSearchParams): string | null {
    const { head, method } = exchange;
    const offered = head.get('sec-websocket-protocol');
    return (
      bearerOf(head.get('authorization')) ??
      (offered === null ? null : splitProtocols(offered).token) ??
      query.get('access_token') ??
      this.#cookieOf(head, method, isSecureRequest(exchange))
    );
  }

  /** Whether pages of that origin may send the cookie from elsewhere (Fetch: credentials). */
  acceptsCookieOf(origin: string, authority: string, isSecure: boolean): boolean {
    return this.#cookie !== null && this.#origins.trusts(origin, authority, isSecure);
  }

  #cookieOf(head: Head, method: string, isSecure: boolean): string | null {
    const cookies = this.#cookie === null ? null : head.get('cookie');
    if (cookies === null || !this.#isOfTrustedPage(head, method, isSecure)) return null;
    return cookieValue(cookies, this.#cookie!);
  }

  #isOfTrustedPage(head: Head, method: string, isSecure: boolean): boolean {
    const origin = head.get('origin');
    if (origin !== null) return this.#origins.trusts(origin, head.authority, isSecure);
    const site = head.get('sec-fetch-site');
    return (method === 'GET' || method === 'HEAD') && (site === 'same-origin' || site === 'none');
  }
}

/** The value of a cookie by its name (RFC 6265 section 5.4), percent-decoded; null where it is missing or is not UTF-8. */
function cookieValue(cookies: string, name: string): string | null {
  for (const pair of cookies.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    try {
      return decodeURIComponent(pair.slice(at + 1).trim().replace(/^"(.*)"$/, '$1'));
    } catch {
      return null;
    }
  }
  return null;
}
