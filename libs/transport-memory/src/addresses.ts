// The addresses of a network in memory: which hosts there are, which ports are taken, who listens where.

import { TransportError, type PeerAddress } from '@sluice/transport';

const FIRST_EPHEMERAL_PORT = 49_152;
const PORTS = 65_536;
const wildcards: readonly string[] = ['0.0.0.0', '::'];

export class Addresses<Listener> {
  readonly #hosts: ReadonlySet<string>;
  readonly #byPort = new Map<number, Map<string, Listener>>();
  #nextPort = FIRST_EPHEMERAL_PORT;

  constructor(hosts: readonly string[]) {
    this.#hosts = new Set([...hosts, ...wildcards]);
  }

  /** Gives the listener its address; port 0 picks a free one. */
  bind(address: PeerAddress, listener: Listener): PeerAddress {
    const { host } = address;
    if (!this.#hosts.has(host)) throw new TransportError('listen', 'addressNotAvailable', 'addressNotAvailable', host);
    const port = address.port === 0 ? this.ephemeralPort() : address.port;
    if (!Number.isInteger(port) || port < 1 || port >= PORTS) throw new TransportError('listen', 'other', 'EINVAL', `port ${port}`);
    const taken = this.#byPort.get(port) ?? new Map<string, Listener>();
    const overlaps = taken.has(host) || (taken.size > 0 && (wildcards.includes(host) || wildcards.some((wildcard) => taken.has(wildcard))));
    if (overlaps) throw new TransportError('listen', 'addressInUse', 'addressInUse', `${host} port ${port}`);
    taken.set(host, listener);
    this.#byPort.set(port, taken);
    return { host, port };
  }

  release({ host, port }: PeerAddress): void {
    const taken = this.#byPort.get(port);
    taken?.delete(host);
    if (taken?.size === 0) this.#byPort.delete(port);
  }

  /** Who listens there. */
  find({ host, port }: PeerAddress): Listener {
    if (!this.#hosts.has(host)) {
      if (/^[\d.]+$|:/.test(host)) throw new TransportError('connect', 'unreachable', 'unreachable', host);
      throw new TransportError('resolve', 'notFound', 'notFound', host);
    }
    const taken = this.#byPort.get(port);
    for (const candidate of [host, ...wildcards]) {
      const listener = taken?.get(candidate);
      if (listener !== undefined) return listener;
    }
    throw new TransportError('connect', 'connectionRefused', 'connectionRefused', `${host} port ${port}`);
  }

  /** A port nobody listens on. */
  ephemeralPort(): number {
    for (let tries = PORTS - FIRST_EPHEMERAL_PORT; tries > 0; tries--) {
      const port = this.#nextPort++;
      if (this.#nextPort === PORTS) this.#nextPort = FIRST_EPHEMERAL_PORT;
      if (!this.#byPort.has(port)) return port;
    }
    throw new TransportError('listen', 'addressNotAvailable', 'addressNotAvailable', 'no port is free');
  }
}
