// Bearer tokens (RFC 6750): in the Authorization field, or as `access_token` in the query for clients that cannot set
// fields (a browser's WebSocket and EventSource).

import { createHash, timingSafeEqual } from 'node:crypto';

export class TokenCheck {
  #digests: readonly Buffer[] = [];

  /** Without tokens everybody is let in. */
  constructor(tokens: readonly string[]) {
    this.replace(tokens);
  }

  /** Other tokens, from now on. Whoever is in stays. */
  replace(tokens: readonly string[]): void {
    this.#digests = tokens.map(digest);
  }

  get isOpen(): boolean {
    return this.#digests.length === 0;
  }

  /** Takes the Authorization value and the query; compares in constant time. */
  admits(authorization: string | null, query: URLSearchParams | null): boolean {
    if (this.isOpen) return true;
    const token = bearer(authorization) ?? query?.get('access_token') ?? null;
    if (token === null) return false;
    const offered = digest(token);
    let admitted = false;
    for (const known of this.#digests) if (timingSafeEqual(known, offered)) admitted = true;
    return admitted;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function bearer(authorization: string | null): string | null {
  const match = authorization === null ? null : /^Bearer +(\S+) *$/i.exec(authorization);
  return match?.[1] ?? null;
}
