// The transport contract over a network in memory.

import { TransportError, type Adopter, type ConnectOptions, type ListenOptions, type Listener, type ListenerSink, type Transport } from '@sluice/transport';
import type { MemoryEndpoint } from './endpoint.ts';
import type { MemoryNetwork } from './network.ts';
import type { MemorySocket } from './socket.ts';

export class MemoryTransport implements Transport, Adopter<MemorySocket> {
  readonly name = 'memory';
  readonly #network: MemoryNetwork;

  constructor(network: MemoryNetwork) {
    this.#network = network;
  }

  async listen(options: ListenOptions, sink: ListenerSink): Promise<Listener> {
    const { descriptor } = options;
    if (descriptor !== undefined) throw new TransportError('adopt', 'other', 'ENOTSOCK', `descriptor ${descriptor} is no socket in memory`);
    return this.#network.listen(options, sink);
  }

  connect(options: ConnectOptions): Promise<MemoryEndpoint> {
    return new Promise((onConnect, onFailure) => this.#network.connect(options, { onConnect, onFailure }));
  }

  adopt(socket: MemorySocket, leftover?: Uint8Array): MemoryEndpoint {
    if (!socket.isFree) {
      socket.destroy();
      throw new TransportError('adopt', 'closed', 'closed', 'the socket is gone, or owned by an endpoint');
    }
    if (leftover !== undefined) socket.inbound.untake(leftover);
    return this.#network.endpoint(socket);
  }
}
