// Who may look into connections, and act on them. A page of another origin may not, whatever it knows. On loopback without an admin token
// everybody of this machine may; with a token, who shows it or has signed in with it; off loopback without one, nobody.

import type { HttpExchange } from '@sluice/connection';
import { isSecureRequest } from '../client-address/request-client.ts';
import type { TokenCheck } from '../http/auth.ts';
import type { OriginPolicy } from '../http/origin.ts';
import type { Problem } from '../http/problem.ts';
import { tlsFacts } from '../tls/facts.ts';
import type { SignIns } from './sign-ins.ts';

export interface AccessOptions {
  readonly tokens: TokenCheck;
  readonly signIns: SignIns;
  /** Of the admin listener's own host only. */
  readonly origins: OriginPolicy;
  readonly isLoopback: boolean;
  readonly now: () => number;
}

const unauthorized = { status: 401, headers: ['WWW-Authenticate', 'Bearer'] } as const;

const foreign: Problem = { status: 403, detail: 'Pages of other origins may not use the inspector.' };

/** By what the browser says of the request itself (Fetch Metadata, section 2.4); other clients, and old browsers, say nothing. */
function isOfForeignPage(head: HttpExchange['head']): boolean {
  const site = head.get('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}

export class InspectionAccess {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** What keeps a request of a foreign page, or to an unguarded listener, out of everything; null for nothing. */
  refusalOfPage(exchange: HttpExchange): Problem | null {
    const { tokens, origins, isLoopback } = this.#options;
    const { head } = exchange;
    const origin = head.get('origin');
    if (!origins.allows(origin, head.authority, isSecureRequest(exchange))) {
      return { status: 403, detail: `Pages of ${origin} may not use the inspector.` };
    }
    // An image or a frame of a foreign page comes without an origin. A link that somebody follows to the page is no such thing.
    if (isOfForeignPage(head) && head.get('sec-fetch-mode') !== 'navigate') return foreign;
    if (!tokens.isOpen || isLoopback) return null;
    return { ...unauthorized, detail: 'Other machines reach this address: the inspector needs auth.adminToken to be set.' };
  }

  /** The same for what only those may see who are let in. */
  refusalOf(exchange: HttpExchange): Problem | null {
    const refusal = this.refusalOfPage(exchange) ?? (isOfForeignPage(exchange.head) ? foreign : null);
    if (refusal !== null || this.whoIs(exchange) !== null) return refusal;
    return { ...unauthorized, detail: 'The admin token is needed, or a sign-in with it: POST it to /inspection/session.' };
  }

  /** For the log of actions: by what somebody is let in; null for nobody. */
  whoIs({ head, session }: HttpExchange): string | null {
    const { tokens, signIns, now } = this.#options;
    const subject = tlsFacts(session.connection.endpoint)?.client;
    const known = subject === undefined ? '' : ` ${subject}`;
    if (tokens.isOpen) return `local${known}`;
    if (tokens.admits(head.get('authorization'))) return `token${known}`;
    return signIns.admits(head.get('cookie'), now()) ? `signed in${known}` : null;
  }
}
