// Signing in with a browser: an EventSource and a WebSocket of a page cannot send the Authorization field, so the token is exchanged for a
// cookie once. The cookie is not the token: it says until when it is good, with a MAC by a key that this process makes up and never tells.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const cookieName = 'sluice_inspector';
export const signInMs = 12 * 3600 * 1000;

export class SignIns {
  #key = randomBytes(32);

  /** The cookie's value for one who has shown the token. */
  issue(nowMs: number): string {
    const until = Math.round(nowMs + signInMs).toString(36);
    return `${until}.${this.#mac(until).toString('base64url')}`;
  }

  /** Takes the whole Cookie field (RFC 6265, section 4.2). */
  admits(cookies: string | null, nowMs: number): boolean {
    for (const pair of cookies?.split(';') ?? []) {
      const equals = pair.indexOf('=');
      if (equals >= 0 && pair.slice(0, equals).trim() === cookieName && this.#isGood(pair.slice(equals + 1).trim(), nowMs)) return true;
    }
    return false;
  }

  /** Nobody is signed in any more: the token has changed. */
  revoke(): void {
    this.#key = randomBytes(32);
  }

  #isGood(value: string, nowMs: number): boolean {
    const [until = '', mac = ''] = value.split('.');
    const offered = Buffer.from(mac, 'base64url');
    const known = this.#mac(until);
    return offered.length === known.length && timingSafeEqual(offered, known) && parseInt(until, 36) > nowMs;
  }

  #mac(until: string): Buffer {
    return createHmac('sha256', this.#key).update(until).digest();
  }
}
