// A listening socket. Connections are accepted as bare handles where that can be, else as paused net.Sockets; the first
// few may come as sockets in either case, when they arrive before the handle is ours.

import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint, Listener, ListenerSink, ListenOptions, PeerAddress, TransportError } from '@sluice/transport';
import { addressOf } from './addresses.ts';
import { failureOf, failureOfStatus } from './failures.ts';
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

  private constructor(server: Server, sink: ListenerSink) {
    const bound = server.address();
    this.address = typeof bound === 'object' && bound !== null ? addressOf(bound.address, bound.port) : addressOf('', 0);
    this.#server = server;
    this.#sink = sink;
  }

  /** Rejects with a `TransportError` of operation `listen`. */
  static open(options: ListenOptions, sink: ListenerSink, acceptor: Acceptor): Promise<NodeListener> {
    const { host, port, backlog = defaultBacklog, ipv6Only = false } = options;
    return new Promise((resolve, reject) => {
      const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
      const refused = (error: Error): void => reject(failureOf('listen', error));
      server.once('error', refused);
      server.listen({ host, port, backlog, ipv6Only, exclusive: true }, () => {
        server.removeListener('error', refused);
        const listener = new NodeListener(server, sink);
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
