// Bearer tokens (RFC 6750): which there are, and what each lets its holder do. How a request carries one is in credentials.ts.

import { createHash, timingSafeEqual } from 'node:crypto';

/** What a request may do with topics and tags. */
export interface Access {
  /** Subscribe, read history and presence. */
  readonly canRead: boolean;
  /** Publish to topics and send to tags. */
  readonly canPublish: boolean;
}

export const fullAccess: Access = { canRead: true, canPublish: true };
export const readAccess: Access = { canRead: true, canPublish: false };

interface Known {
  readonly digest: Buffer;
  readonly access: Access;
}

export class TokenCheck {
  #known: readonly Known[] = [];

  /** Without any token everyone has full access. */
  constructor(tokens: readonly string[], readTokens: readonly string[] = []) {
    this.replace(tokens, readTokens);
  }

  /** Applies to later requests; connections that are open stay. */
  replace(tokens: readonly string[], readTokens: readonly string[] = []): void {
    const known = (access: Access) => (token: string): Known => ({ digest: digest(token), access });
    // Of a token that is in both lists, the last entry counts.
    this.#known = [...readTokens.map(known(readAccess)), ...tokens.map(known(fullAccess))];
  }

  get isOpen(): boolean {
    return this.#known.length === 0;
  }

  /** Null for a token that is missing or unknown. Compares in constant time. */
  accessOf(token: string | null): Access | null {
    if (this.isOpen) return fullAccess;
    if (token === null) return null;
    const offered = digest(token);
    let granted: Access | null = null;
    for (const known of this.#known) if (timingSafeEqual(known.digest, offered)) granted = known.access;
    return granted;
  }

  /** Whether the value of an Authorization field has a known token. */
  admits(authorization: string | null): boolean {
    return this.accessOf(bearerOf(authorization)) !== null;
  }
}

/** The token of an Authorization field; null where there is none. */
export function bearerOf(authorization: string | null): string | null {
  const match = authorization === null ? null : /^Bearer +(\S+) *$/i.exec(authorization);
  return match?.[1] ?? null;
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
