// Peers that no rate is held against: this machine itself, and the networks that the configuration lists (a proxy's address, a
// monitor's).

import { NetworkList } from './network-list.ts';
import { ipv4Of } from './peer-key.ts';

export class ExemptPeers {
  readonly #loopback: boolean;
  readonly #networks: NetworkList | null;

  /** `networks` are addresses or CIDR blocks: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. Throws what Node says of others. */
  constructor(loopback: boolean, networks: readonly string[]) {
    this.#loopback = loopback;
    this.#networks = networks.length === 0 ? null : new NetworkList(networks);
  }

  includes(host: string): boolean {
    const ipv4 = ipv4Of(host);
    if (this.#loopback && (ipv4 === null ? host === '::1' : ipv4.startsWith('127.'))) return true;
    return this.#networks !== null && this.#networks.includes(host);
  }
}
