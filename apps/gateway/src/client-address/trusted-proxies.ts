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

/** Hears of requests by which settings seem to be missing, once each until the settings change. */
export interface ProxyDoubts {
  /** A peer on loopback sent the field, but is no trusted proxy: all clients of that proxy count as one. */
  onUnlisted(peer: string, field: ForwardedField): void;
  /** A trusted proxy named no client. */
  onSilent(peer: string, field: ForwardedField): void;
}

export class TrustedProxies {
  #networks: NetworkList | null = null;
  #field: ForwardedField = 'x-forwarded-for';
  /** The peer that was looked up last, and whether it is trusted: most requests come from one proxy. */
  #lastHost: string | null = null;
  #lastTrusted = false;
  readonly #doubts: ProxyDoubts | null;
  #mayBeUnlisted = true;
  #mayBeSilent = true;

  /** `doubts` null: nobody hears of them. */
  constructor(settings: TrustedProxySettings, doubts: ProxyDoubts | null = null) {
    this.#doubts = doubts;
    this.replace(settings);
  }

  /** Other proxies, from now on. What is known of connections and requests already stays. */
  replace({ trustedProxies, forwardedField }: TrustedProxySettings): void {
    this.#networks = trustedProxies.length === 0 ? null : new NetworkList(trustedProxies);
    this.#field = forwardedField;
    this.#lastHost = null;
    this.#mayBeUnlisted = this.#doubts !== null;
    this.#mayBeSilent = this.#doubts !== null;
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
    const { peer } = exchange.session.connection.endpoint;
    if (this.#networks === null || !this.trusts(peer.host)) {
      if (this.#mayBeUnlisted) this.#doubtPeer(exchange, peer.host);
      return;
    }
    const { head } = exchange;
    let client: ForwardedNode | null = null;
    let proto: string | null = null;
    const value = head.get(this.#field);
    if (value === null) this.#doubtProxy(peer.host);
    else {
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

  /** Clients of other machines may send what they like; on loopback it is a proxy of this machine. */
  #doubtPeer({ head }: HttpExchange, peer: string): void {
    if (!(peer.startsWith('127.') || peer === '::1') || !head.has(this.#field)) return;
    this.#mayBeUnlisted = false;
    this.#doubts?.onUnlisted(peer, this.#field);
  }

  #doubtProxy(peer: string): void {
    if (!this.#mayBeSilent) return;
    this.#mayBeSilent = false;
    this.#doubts?.onSilent(peer, this.#field);
  }
}
