// What must hold where a proxy stands in front, and what is warned of.

import { isLoopback, parseAddress } from './addresses.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { needsToken } from './needs-token.ts';
import type { Problem } from './problems.ts';
import { asksForCertificates, listenerAddresses } from './secure-addresses.ts';

type Locate = (path: string) => string;

export function proxyWarnings(config: GatewayConfig, locate: Locate): Problem[] {
  return [...openToEveryone(config, locate), ...widestNetworks(config, locate)];
}

/** A loopback address that other machines reach through a proxy: it says so. */
export function isBehindProxy({ proxyProtocol }: GatewayConfig, address: string): boolean {
  return proxyProtocol.includes(address);
}

export function brokenProxyRules({ command, http, https, proxyProtocol, trustedProxies }: GatewayConfig, locate: Locate): Problem[] {
  const listed = new Set([...http, ...https, ...command]);
  const problems = proxyProtocol
    .filter((address) => !listed.has(address))
    .map((address): Problem => ({ where: locate('proxyProtocol'), message: `${address} is no address of http, https or command` }));
  if (proxyProtocol.length > 0 && trustedProxies.length === 0) {
    problems.push({ where: locate('proxyProtocol'), message: 'needs trustedProxies: the networks of the proxies, the only ones that may connect' });
  }
  return problems;
}

/**
 * On loopback nobody needs a token, and nobody else reaches it: until a proxy stands in front. What speaks of one (a web page's origin, the
 * proxy itself) is warned of.
 */
function openToEveryone(config: GatewayConfig, locate: Locate): Problem[] {
  const { insecure, origins, trustedProxies } = config;
  if (insecure || needsToken(config)) return [];
  const { clear, secure } = listenerAddresses(config);
  const open = [...clear, ...(asksForCertificates(config) ? [] : secure)].find((address) => isLoopback(parseAddress(address).host));
  if (open === undefined) return [];
  const problems: Problem[] = [];
  const origin = origins.find((each) => !isOfThisMachine(each));
  if (origin !== undefined) {
    const who = origin === '*' ? 'everyone who reaches' : `everyone who reaches ${origin} through a proxy to`;
    const message = `set auth.tokens, or take ${origin} out of the list: without a token ${who} ${open} can publish and subscribe`;
    problems.push({ where: locate('origins'), message });
  }
  if (trustedProxies.length > 0) {
    const message = `set auth.tokens: without a token ${open} rejects requests that a proxy sends for other machines, unless their host is in origins`;
    problems.push({ where: locate('trustedProxies'), message });
  }
  return problems;
}

function isOfThisMachine(origin: string): boolean {
  const host = URL.parse(origin)?.hostname;
  return host !== undefined && isLoopback(host.replace(/^\[|\]$/g, ''));
}

/** Who trusts everyone lets every client choose its address. */
function widestNetworks({ trustedProxies }: GatewayConfig, locate: Locate): Problem[] {
  return trustedProxies.flatMap((network, index) =>
    network.endsWith('/0')
      ? [{ where: `${locate('trustedProxies')}[${index}]`, message: `list the proxies' own networks: with ${network} every client can claim any address` }]
      : [],
  );
}
