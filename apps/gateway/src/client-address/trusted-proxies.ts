// Proxies whose word on a client's address counts. The fields are read only where the peer of the connection is one of them; the list
// is then walked from the right for as long as the address found is a trusted proxy's as well, and the first that is not is the client's.

import type { HttpExchange } from '@sluice/connection';
import { NetworkList } from '../limits/network-list.ts';
import { elementsFromRight, lastWord, type ForwardedField, type ForwardedNode } from './forwarded-fields.ts';
import { RequestClient } from './request-client.ts';

/** Proxies that one request may have passed; addresses beyond are not looked at. */
const maxHops = 32;

export interface TrustedProxySettings {
  /** Addresses or CIDR blocks. */
  readonly trustedProxies: readonly string[];
  readonly forwardedField: ForwardedField;
}

export class TrustedProxies {
  #networks: NetworkList | null = null;
  #field: ForwardedField = 'x-forwarded-for';
  /** The peer that was looked up last, and whether it is trusted: most requests come from one proxy. */
  #lastHost: string | null = null;
  #lastTrusted = false;

  constructor(settings: TrustedProxySettings) {
    this.replace(settings);
  }

  /** Other proxies, from now on. What is known of connections and requests already stays. */
  replace({ trustedProxies, forwardedField }: TrustedProxySettings): void {
    this.#networks = trustedProxies.length === 0 ? null : new NetworkList(trustedProxies);
    this.#field = forwardedField;
    this.#lastHost = null;
  }

  trusts(host: string): boolean {
    if (this.#networks === null) return false;
    if (host !== this.#lastHost) {
      this.#lastTrusted = this.#networks.includes(host);
      this.#lastHost = host;
    }
    return this.#lastTrusted;
  }

  /**
   * Finds the client of a request and keeps it with the exchange. Called once, while the head is there. Where nobody is trusted, or the
   * peer is not, nothing is read, made or kept.
   */
  resolve(exchange: HttpExchange): void {
    if (this.#networks === null) return;
    const { peer } = exchange.session.connection.endpoint;
    if (!this.trusts(peer.host)) return;
    const { head } = exchange;
    let client: ForwardedNode | null = null;
    let proto: string | null = null;
    const value = head.get(this.#field);
    if (value !== null) {
      for (const element of elementsFromRight(this.#field, value, maxHops)) {
        // A proxy that hides an address, or does not know it, is the last whose address is known.
        if (element.node === null) break;
        client = element.node;
        proto = element.proto;
        if (!this.#networks.includes(client.host)) break;
      }
    }
    if (this.#field === 'x-forwarded-for') {
      const protos = head.get('x-forwarded-proto');
      proto = protos === null ? null : lastWord(protos);
    }
    exchange.userData = new RequestClient(client ?? peer, client === null ? null : peer.host, proto);
  }
}
