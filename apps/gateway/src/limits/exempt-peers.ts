// Peers that no rate is held against: this machine itself, and the networks that the configuration lists (a proxy's address, a
// monitor's).

import { BlockList, isIPv6 } from 'node:net';
import { ipv4Of } from './peer-key.ts';

export class ExemptPeers {
  readonly #loopback: boolean;
  readonly #networks: BlockList | null;

  /** `networks` are addresses or CIDR blocks: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. Throws what Node says of others. */
  constructor(loopback: boolean, networks: readonly string[]) {
    this.#loopback = loopback;
    this.#networks = networks.length === 0 ? null : blockListOf(networks);
  }

  includes(host: string): boolean {
    const ipv4 = ipv4Of(host);
    if (this.#loopback && (ipv4 === null ? host === '::1' : ipv4.startsWith('127.'))) return true;
    if (this.#networks === null) return false;
    if (ipv4 !== null) return this.#networks.check(ipv4, 'ipv4');
    const address = host.split('%')[0]!;
    return isIPv6(address) && this.#networks.check(address, 'ipv6');
  }
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
