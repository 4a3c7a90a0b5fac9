// A list of networks that an address is looked up in.

import { BlockList, isIPv6 } from 'node:net';
import { ipv4Of } from './peer-key.ts';

export class NetworkList {
  readonly #list = new BlockList();

  /**
   * `networks` are addresses or CIDR blocks: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
   * @throws what Node throws for anything else
   */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      const family = address.includes(':') ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
  }

  /** An IPv4 address inside an IPv6 address (`::ffff:192.0.2.1`) is looked up as IPv4. What is no address is in no network. */
  includes(host: string): boolean {
    const ipv4 = ipv4Of(host);
    if (ipv4 !== null) return this.#list.check(ipv4, 'ipv4');
    const address = host.split('%')[0]!;
    return isIPv6(address) && this.#list.check(address, 'ipv6');
  }
}
