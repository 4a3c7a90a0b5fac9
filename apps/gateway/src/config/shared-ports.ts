// Addresses that share a port. A socket of `[::]` takes IPv4 connections too (RFC 3493 section 5.3), so it cannot be opened beside one of
// `0.0.0.0` with the same port. Beside one, it is restricted to IPv6, and together they take what each says.

import { canonicalHost, parseAddress, type ListenAddress } from './addresses.ts';
import type { GatewayConfig } from './gateway-config.ts';

const anyIPv4 = '0.0.0.0';
const anyIPv6 = '[::]';

/** Settings that list addresses to listen on. */
export const listenerSettings = ['http', 'https', 'command', 'admin'] as const;
export type ListenerSetting = (typeof listenerSettings)[number];

/** What to open for an address of the configuration. */
export function listenAddress(config: GatewayConfig, text: string): ListenAddress & { readonly ipv6Only?: boolean } {
  const address = parseAddress(text);
  if (address.port === 0 || canonicalHost(address.host) !== anyIPv6) return address;
  const others = listenerSettings.flatMap((setting) => (config[setting] === 'off' ? [] : config[setting]));
  const isBeside = others.map(parseAddress).some(({ host, port }) => port === address.port && canonicalHost(host) === anyIPv4);
  return isBeside ? { ...address, ipv6Only: true } : address;
}

/** Whether a listener of one of these addresses keeps the other from being opened. */
export function isConflict(one: string, other: string): boolean {
  const [first, second] = [parseAddress(one), parseAddress(other)];
  if (first.port === 0 || first.port !== second.port) return false;
  const hosts = [canonicalHost(first.host), canonicalHost(second.host)] as const;
  if (hosts[0] === hosts[1] || hosts.includes(anyIPv6)) return true;
  return hosts.includes(anyIPv4) && !hosts.some((host) => host.startsWith('['));
}
