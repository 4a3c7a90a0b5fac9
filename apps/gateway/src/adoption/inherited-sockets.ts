// Listening sockets that a service manager opened and passed on (systemd's socket activation, sd_listen_fds(3)): so that a port under 1024
// needs no privilege, and connections wait in the kernel while the gateway is restarted.
//
// `systemd` in place of an address stands for the sockets that were passed for it: those whose name (FileDescriptorName=, LISTEN_FDNAMES) is
// that of the setting, and for `http` those of any other name too. Each becomes `fd:N`, which is an address like any other.

import { inheritedAddress } from '../config/addresses.ts';
import type { GatewayConfig } from '../config/index.ts';

export interface InheritedSocket {
  readonly descriptor: number;
  /** Empty where it was given none. */
  readonly name: string;
}

const firstDescriptor = 3;
const listeners = ['http', 'https', 'command', 'admin'] as const;
type ListenerName = (typeof listeners)[number];

/** The sockets that were passed to the process of this id. Variables that are for another process, or are not sound, mean none. */
export function inheritedSockets(env: Readonly<Record<string, string | undefined>>, pid: number): InheritedSocket[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES = '' } = env;
  if (LISTEN_PID !== String(pid) || !/^[1-9]\d{0,3}$/.test(LISTEN_FDS)) return [];
  const names = LISTEN_FDNAMES.split(':');
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => ({ descriptor: firstDescriptor + index, name: names[index] ?? '' }));
}

export interface InheritedAddresses {
  readonly config: GatewayConfig;
  /** Passed for listeners that do not ask for them. */
  readonly unused: readonly InheritedSocket[];
}

/**
 * Puts addresses in place of `systemd`.
 * @throws Error, one sentence, where a listener asks for sockets and none was passed for it, or too many
 */
export function withInherited(config: GatewayConfig, sockets: readonly InheritedSocket[]): InheritedAddresses {
  const passed = (listener: ListenerName): string[] => {
    const own = sockets.filter(({ name }) => listenerOf(name) === listener);
    if (own.length === 0) {
      throw new Error(`${listener} is ${inheritedAddress}, but no socket was passed for it: see LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES`);
    }
    return own.map(({ descriptor }) => `fd:${descriptor}`);
  };
  const all = (listener: Exclude<ListenerName, 'admin'>): string[] =>
    config[listener].flatMap((address) => (address === inheritedAddress ? passed(listener) : [address]));
  const addresses = { http: all('http'), https: all('https'), command: all('command'), admin: config.admin };
  // Here it stands for all sockets that it stands for in the settings of the listeners.
  const proxyProtocol = config.proxyProtocol.flatMap((address) => {
    if (address !== inheritedAddress) return [address];
    return (['http', 'https', 'command'] as const).flatMap((listener) => (config[listener].includes(inheritedAddress) ? passed(listener) : []));
  });
  if (config.admin === inheritedAddress) {
    const [admin = '', ...more] = passed('admin');
    if (more.length > 0) throw new Error(`admin is one address, but ${more.length + 1} sockets were passed for it`);
    addresses.admin = admin;
  }
  const taken = new Set([...addresses.http, ...addresses.https, ...addresses.command, addresses.admin]);
  return { config: { ...config, ...addresses, proxyProtocol }, unused: sockets.filter(({ descriptor }) => !taken.has(`fd:${descriptor}`)) };
}

function listenerOf(name: string): ListenerName {
  return listeners.find((listener) => listener === name) ?? 'http';
}
