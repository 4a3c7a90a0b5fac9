// What an embedding program brings to a running gateway: endpoints of any transport, and upgrades of its own node:http servers.
// They go the way of what the gateway's listeners accept, and count, drain and end with those.

import type { Duplex } from 'node:stream';
import type { Intake } from '@sluice/supervision';
import { TransportError, type Adopter, type Endpoint, type Transport } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import type { Log } from '../log/log.ts';
import { adoptUpgrade, type UpgradeRequest } from './node-upgrade.ts';

export class Adoption {
  readonly #intake: Intake;
  readonly #transport: Transport;
  readonly #log: Log;
  #adopter: Adopter<Duplex> | null = null;
  #stopped = false;

  constructor(intake: Intake, transport: Transport, log: Log) {
    this.#intake = intake;
    this.#transport = transport;
    this.#log = log;
  }

  /** Takes nobody any more: whoever is brought from here on is closed. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes a connection of any transport, with what was read of it already. */
  adopt(endpoint: Endpoint, leftover?: Uint8Array): void {
    if (this.#stopped) endpoint.close();
    else this.#intake.adopt(endpoint, leftover);
  }

  /** Never throws: false says that the socket was closed, and the log says why. */
  adoptUpgrade(request: UpgradeRequest, socket: Duplex, head: Uint8Array): boolean {
    try {
      if (this.#stopped) throw new TransportError('adopt', 'closed', 'closed', 'the gateway is stopping');
      this.#adopter ??= isAdopter(this.#transport) ? this.#transport : createNodeTransport();
      this.adopt(adoptUpgrade(this.#adopter, request, socket, head));
      return true;
    } catch (error) {
      socket.on('error', () => {}).destroy();
      this.#log.warn('an upgrade could not be taken over', { error: (error as Error).message });
      return false;
    }
  }
}

/** The node transport can; a transport of another kind leaves Node's sockets to one. */
function isAdopter(transport: Transport): transport is Transport & Adopter<Duplex> {
  return transport.name === 'node' && 'adopt' in transport;
}
