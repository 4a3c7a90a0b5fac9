// Peer and local addresses as the contract has them: textual IP without brackets, IPv4 as IPv4 also on a dual-stack listener.

import type { PeerAddress } from '@sluice/transport';

const mappedPrefix = '::ffff:';

/** `::ffff:192.0.2.1`, which a dual-stack socket says for an IPv4 peer, as `192.0.2.1`. */
export function plainHost(host: string): string {
  return host.startsWith(mappedPrefix) && host.includes('.') ? host.slice(mappedPrefix.length) : host;
}

export function addressOf(host: string | undefined, port: number | undefined): PeerAddress {
  return { host: plainHost(host ?? ''), port: port ?? 0 };
}
