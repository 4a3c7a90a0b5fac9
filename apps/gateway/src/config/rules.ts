// What must hold between settings: the checks that no single setting's schema can make.
//
// A problem names the setting to change as its source spells it; a warning is for what works, but hardly as meant.

import { isLoopback, parseAddress } from './addresses.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { needsToken } from './needs-token.ts';
import { isNetwork } from './networks.ts';
import type { Problem } from './problems.ts';
import { brokenProxyRules, isBehindProxy, proxyWarnings } from './proxy-rules.ts';
import { asksForCertificates, hasCertificate, listenerAddresses } from './secure-addresses.ts';
import { canonicalThumbprint } from './thumbprint.ts';

/** Names a setting's place as its source spells it: `sluice.json: http`, `SLUICE_HTTP`, `--http`. */
export type Locate = (path: string) => string;

export function brokenRules(config: GatewayConfig, locate: Locate): Problem[] {
  return [...exposedListeners(config, locate), ...sharedAddresses(config, locate), ...sizes(config, locate), ...networks(config, locate), ...certificates(config, locate), ...thumbprints(config, locate), ...brokenProxyRules(config, locate), ...tokens(config, locate)];
}

export function doubtful(config: GatewayConfig, locate: Locate): Problem[] {
  return [...proxyWarnings(config, locate), ...nobodyListens(config, locate), ...silentSubscribers(config, locate), ...unusedThumbprints(config, locate), ...narrowMirror(config, locate)];
}

/** Right only for a gateway inside of another program, which brings it connections. */
function nobodyListens({ command, http, https }: GatewayConfig, locate: Locate): Problem[] {
  if (http.length + https.length + command.length > 0) return [];
  return [{ where: locate('http'), message: 'there is no address at all, so nobody can connect' }];
}

function silentSubscribers(config: GatewayConfig, locate: Locate): Problem[] {
  const { idleTimeoutMs, pingIntervalMs } = config.timeouts;
  if (idleTimeoutMs === 0 || (pingIntervalMs !== 0 && pingIntervalMs < idleTimeoutMs)) return [];
  const message = `no ping falls within timeouts.idleTimeoutMs (${idleTimeoutMs}), so quiet WebSocket subscribers are closed`;
  return [{ where: locate('timeouts.pingIntervalMs'), message }];
}

/** One message that fills the ring has everybody wait for everybody. */
function narrowMirror({ demo, limits, mirror }: GatewayConfig, locate: Locate): Problem[] {
  if (!demo || mirror.maxBytes >= 4 * limits.maxMessageBytes) return [];
  const message = `less than four times limits.maxMessageBytes (${limits.maxMessageBytes}): few messages fill the mirror`;
  return [{ where: locate('mirror.maxBytes'), message }];
}

/** Thumbprints are those of certificates, and nobody shows one in the clear. */
function unusedThumbprints(config: GatewayConfig, locate: Locate): Problem[] {
  const { command, commandPeers } = config;
  if (command.length === 0 || commandPeers.thumbprints.length === 0 || hasCertificate(config)) return [];
  return [{ where: locate('commandPeers.thumbprints'), message: 'nobody is judged by these without tls.cert and tls.key' }];
}

/**
 * Other machines may connect only where there is authentication, or where that is said to be meant. Certificates that clients have to
 * show are one.
 */
function exposedListeners(config: GatewayConfig, locate: Locate): Problem[] {
  const { admin, auth, command, commandPeers, https, insecure, tls } = config;
  if (insecure) return [];
  const { clear, secure } = listenerAddresses(config);
  const problems: Problem[] = [];
  const check = (path: string, addresses: readonly string[], setting: string): void => {
    for (const address of addresses) {
      if (!isLoopback(parseAddress(address).host) || (path !== 'admin' && isBehindProxy(config, address))) problems.push({ where: locate(path), message: exposed(address, setting) });
    }
  };
  if (!needsToken(config)) {
    check('http', clear, 'auth.tokens');
    if (!asksForCertificates(config)) check(https.length > 0 ? 'https' : 'http', secure, 'auth.tokens');
  }
  if (!hasCertificate(config)) check('command', command, 'tls.cert, tls.key and commandPeers.thumbprints');
  else if (commandPeers.thumbprints.length === 0) check('command', command, 'commandPeers.thumbprints');
  const adminIsGuarded = auth.adminToken !== null || (tls.admin && asksForCertificates(config));
  if (admin !== 'off' && !adminIsGuarded) check('admin', [admin], 'auth.adminToken');
  return problems;
}

/**
 * What a running gateway would open to other machines by taking tokens and certificates from `next`, in a sentence; null where that is
 * nothing. `next` keeps the rules with addresses of its own, but those wait for a restart. `tls` is what will be in force.
 */
export function exposedByReload(running: GatewayConfig, next: GatewayConfig, tls: GatewayConfig['tls']): string | null {
  // Whoever has no thumbprint is refused by the command listener: taking them away opens nothing.
  const inForce = { ...running, auth: next.auth, insecure: running.insecure || next.insecure, command: [], tls };
  const [problem] = exposedListeners(inForce, (path) => path);
  return problem === undefined ? null : `${problem.where}: ${problem.message}; other addresses are taken by a restart only`;
}

/** Not a port that is picked anew for each, nor the word for a socket of its own. */
function isOneOfAKind(address: string): boolean {
  const { port, descriptor = -1 } = parseAddress(address);
  return port !== 0 || descriptor >= 0;
}

function exposed(address: string, setting: string): string {
  const reached = parseAddress(address).descriptor === undefined ? 'is reached' : 'may be reached';
  return `${address} ${reached} from other machines, and there is no authentication: set ${setting}, or insecure if that is meant`;
}

function sharedAddresses(config: GatewayConfig, locate: Locate): Problem[] {
  const { admin, command, http, https } = config;
  const problems: Problem[] = [];
  const check = (path: string, address: string, other: string, others: readonly string[]): void => {
    if (!isOneOfAKind(address) || !others.includes(address)) return;
    problems.push({ where: locate(path), message: `${address} is an address of ${other} already` });
  };
  for (const address of https) check('https', address, 'http', http);
  for (const [other, others] of [['http', http], ['https', https]] as const) for (const address of command) check('command', address, other, others);
  if (admin === 'off') return problems;
  for (const [other, others] of [['http', http], ['https', https], ['command', command]] as const) check('admin', admin, other, others);
  return problems;
}

/** What TLS needs before any file is looked at. */
function certificates(config: GatewayConfig, locate: Locate): Problem[] {
  const { https, tls } = config;
  const problems: Problem[] = [];
  const missing = (path: string, message: string): void => void problems.push({ where: locate(path), message });
  if ((tls.cert === null) !== (tls.key === null)) {
    const [given, other] = tls.cert === null ? ['tls.key', 'tls.cert'] : ['tls.cert', 'tls.key'];
    missing(given, `needs ${other} as well`);
  } else if (!hasCertificate(config)) {
    if (https.length > 0) missing('https', 'needs a certificate: set tls.cert and tls.key');
    if (tls.admin) missing('tls.admin', 'needs a certificate: set tls.cert and tls.key');
  }
  if (tls.clientCertificate === 'require' && tls.ca.length === 0) {
    missing('tls.clientCertificate', "needs tls.ca: the certificates that those of clients have to lead to");
  }
  return problems;
}

/** A token has one set of rights. It is a secret, so the problem names its place only. */
function tokens({ auth }: GatewayConfig, locate: Locate): Problem[] {
  return auth.readTokens.flatMap((token, index) => {
    const other = auth.tokens.indexOf(token);
    if (other < 0) return [];
    return [{ where: `${locate('auth.readTokens')}[${index}]`, message: `the same token as auth.tokens[${other}], which may publish` }];
  });
}

/** One certificate has one name: its thumbprint stands once, however it is written. */
function thumbprints({ commandPeers }: GatewayConfig, locate: Locate): Problem[] {
  const first = new Map<string, number>();
  const problems: Problem[] = [];
  commandPeers.thumbprints.forEach(({ thumbprint }, index) => {
    const canonical = canonicalThumbprint(thumbprint);
    const known = first.get(canonical);
    if (known === undefined) first.set(canonical, index);
    else problems.push({ where: `${locate('commandPeers.thumbprints')}[${index}].thumbprint`, message: `the same certificate as in [${known}]` });
  });
  return problems;
}

function sizes(config: GatewayConfig, locate: Locate): Problem[] {
  const problems: Problem[] = [];
  const { history, windows } = config;
  const atMost = (path: string, value: number, capPath: string, cap: number): void => {
    if (value > cap) problems.push({ where: locate(path), message: `expected at most ${capPath} (${cap}), got ${value}` });
  };
  atMost('windows.sharedWriteBytes', windows.sharedWriteBytes, 'windows.outboundBytes', windows.outboundBytes);
  atMost('history.bytes', history.bytes, 'history.totalBytes', history.totalBytes);
  atMost('static.maxCachedFileBytes', config.static.maxCachedFileBytes, 'static.cacheBytes', config.static.cacheBytes);
  return problems;
}

function networks({ limits, trustedProxies }: GatewayConfig, locate: Locate): Problem[] {
  return [...malformed('limits.exemptPeers', limits.exemptPeers, locate), ...malformed('trustedProxies', trustedProxies, locate)];
}

function malformed(path: string, list: readonly string[], locate: Locate): Problem[] {
  return list.flatMap((network, index) =>
    isNetwork(network)
      ? []
      : [{ where: `${locate(path)}[${index}]`, message: `expected an IP address or a CIDR block, like 10.0.0.0/8 or 2001:db8::/32, got "${network}"` }],
  );
}
