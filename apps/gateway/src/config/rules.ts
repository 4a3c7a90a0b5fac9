// What must hold between settings: the checks that no single setting's schema can make.
//
// A problem names the setting to change as its source spells it; a warning is for what works, but hardly as meant.

import { isLoopback, parseAddress } from './addresses.ts';
import type { GatewayConfig } from './gateway-config.ts';
import type { Problem } from './problems.ts';

/** Names a setting's place as its source spells it: `sluice.json: http`, `SLUICE_HTTP`, `--http`. */
export type Locate = (path: string) => string;

export function brokenRules(config: GatewayConfig, locate: Locate): Problem[] {
  return [...exposedListeners(config, locate), ...sharedAddresses(config, locate), ...sizes(config, locate)];
}

export function doubtful(config: GatewayConfig, locate: Locate): Problem[] {
  const { idleTimeoutMs, pingIntervalMs } = config.timeouts;
  if (idleTimeoutMs === 0 || (pingIntervalMs !== 0 && pingIntervalMs < idleTimeoutMs)) return [];
  const message = `no ping falls within timeouts.idleTimeoutMs (${idleTimeoutMs}), so quiet WebSocket subscribers are closed`;
  return [{ where: locate('timeouts.pingIntervalMs'), message }];
}

/** Other machines may connect only where there is authentication, or where that is said to be meant. */
function exposedListeners(config: GatewayConfig, locate: Locate): Problem[] {
  if (config.insecure) return [];
  const problems: Problem[] = [];
  if (config.auth.tokens.length === 0) {
    for (const address of config.http) {
      if (isLoopback(parseAddress(address).host)) continue;
      problems.push({ where: locate('http'), message: exposed(address, 'auth.tokens') });
    }
  }
  if (config.admin !== 'off' && config.auth.adminToken === null && !isLoopback(parseAddress(config.admin).host)) {
    problems.push({ where: locate('admin'), message: exposed(config.admin, 'auth.adminToken') });
  }
  return problems;
}

function exposed(address: string, setting: string): string {
  return `${address} is reached from other machines, and there is no authentication: set ${setting}, or insecure if that is meant`;
}

function sharedAddresses(config: GatewayConfig, locate: Locate): Problem[] {
  const { admin, http } = config;
  if (admin === 'off' || parseAddress(admin).port === 0 || !http.includes(admin)) return [];
  return [{ where: locate('admin'), message: `${admin} is an address of http already` }];
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
