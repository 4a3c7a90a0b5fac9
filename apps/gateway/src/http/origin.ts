// Which web pages may use the gateway: those of its own host, and the origins that the configuration lists.
//
// A browser names the page's origin in every WebSocket handshake and cross-origin request; other clients send none and are not
// held to this. Checked for publications too, or any page could post to a gateway on its reader's own machine.

import { isOriginAllowed } from '@sluice/websocket';

export class OriginPolicy {
  #allowed: readonly string[];

  constructor(origins: readonly string[]) {
    this.#allowed = origins;
  }

  /** Other origins, from now on. Whoever is in stays. */
  replace(origins: readonly string[]): void {
    this.#allowed = origins;
  }

  /** Whether a page of that host and port is listed, by either scheme. */
  lists(authority: string): boolean {
    return isOriginAllowed(`http://${authority}`, this.#allowed) || isOriginAllowed(`https://${authority}`, this.#allowed);
  }

  /**
   * Whether pages of that origin are the gateway's own, or listed by name: enough to act for the person who reads them. `*` lets any
   * page in, and trusts none. Arguments as of `allows`.
   */
  trusts(origin: string, authority: string, isSecure: boolean): boolean {
    return isOriginAllowed(origin, ownOrigins(authority, isSecure)) || isOriginAllowed(origin, this.#allowed.filter((listed) => listed !== '*'));
  }

  /**
   * `authority` is the request's own host and port. A page of the same host that came in clear text may be anybody's, so TLS does not take it
   * for its own; in clear text a page that came over TLS is, for a proxy may have ended that.
   */
  allows(origin: string | null, authority: string, isSecure: boolean): boolean {
    if (origin === null) return true;
    return isOriginAllowed(origin, ownOrigins(authority, isSecure)) || isOriginAllowed(origin, this.#allowed);
  }
}

function ownOrigins(authority: string, isSecure: boolean): readonly string[] {
  return isSecure ? [`https://${authority}`] : [`http://${authority}`, `https://${authority}`];
}
