// A listening socket, opened here or inherited. Connections are accepted as bare handles where that can be, else as paused net.Sockets;
// the first few may come as sockets in either case, when they arrive before the handle is ours.

import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint, Listener, ListenerSink, ListenOptions, PeerAddress, TransportError } from '@sluice/transport';
import { addressOf } from './addresses.ts';
import { failureOf, failureOfStatus } from './failures.ts';
import { checkInherited, inheritedFailure, notTcp } from './inherited.ts';
import { acceptHandles, type TcpHandle } from './tcp-handle.ts';

const defaultBacklog = 4096;

/** What the transport makes of what was accepted; `null` when it was refused. */
export interface Acceptor {
  /** Whether handles are wanted. */
  readonly bare: boolean;
  fromHandle(handle: TcpHandle): Endpoint | null;
  fromSocket(socket: Socket): Endpoint | null;
}

export class NodeListener implements Listener {
  readonly address: PeerAddress;
  readonly #server: Server;
  readonly #sink: ListenerSink;
  #open = true;

  private constructor(server: Server, address: PeerAddress, sink: ListenerSink) {
    this.address = address;
    this.#server = server;
    this.#sink = sink;
  }

  /** Rejects with a `TransportError` of operation `listen`, or `adopt` where a descriptor was to be taken over. */
  static open(options: ListenOptions, sink: ListenerSink, acceptor: Acceptor): Promise<NodeListener> {
    const { host, port, backlog = defaultBacklog, ipv6Only = false, descriptor: fd } = options;
    return new Promise((resolve, reject) => {
      if (fd !== undefined) checkInherited(fd);
      const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
      const refused = (error: Error): void => reject(fd === undefined ? failureOf('listen', error) : inheritedFailure(fd, error));
      server.once('error', refused);
      server.listen(fd === undefined ? { host, port, backlog, ipv6Only, exclusive: true } : { fd, backlog, exclusive: true }, () => {
        server.removeListener('error', refused);
        const bound = server.address();
        if (fd !== undefined && (typeof bound !== 'object' || bound === null)) {
          server.close();
          reject(notTcp(fd));
          return;
        }
        const listener = new NodeListener(server, boundAddress(bound), sink);
        server.on('error', (error) => listener.#failed(failureOf('accept', error)));
        server.on('connection', (socket) => listener.#accepted(acceptor.fromSocket(socket)));
        if (acceptor.bare) {
          acceptHandles(
            server,
            (handle) => listener.#accepted(acceptor.fromHandle(handle)),
            (status) => listener.#failed(failureOfStatus('accept', status)),
          );
        }
        resolve(listener);
      });
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#server.close();
    // The port is free now. The server's own 'close' would wait for connections that live on.
    process.nextTick(() => this.#sink.onClose(null));
  }

  #accepted(endpoint: Endpoint | null): void {
    if (endpoint === null) return;
    if (this.#open) this.#sink.onAccept(endpoint);
    else endpoint.abort();
  }

  #failed(error: TransportError): void {
    if (this.#open) this.#sink.onError(error);
  }
}

function boundAddress(bound: ReturnType<Server['address']>): PeerAddress {
  return typeof bound === 'object' && bound !== null ? addressOf(bound.address, bound.port) : addressOf('', 0);
}
