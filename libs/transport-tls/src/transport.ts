// A transport whose endpoints are secure. Listening, connecting and their failures are the inner transport's; handshakes are the
// endpoints' own affair, which are handed out before.

import type { Pool } from '@sluice/brigade';
import type { ConnectOptions, Endpoint, Listener, ListenerSink, ListenOptions, Transport } from '@sluice/transport';
import type { TlsClientContexts } from './client-contexts.ts';
import type { TlsContexts } from './contexts.ts';
import { secureEndpoint, type TlsEndpoint } from './endpoint.ts';

export interface SecureTransportOptions {
  /** For what is accepted. Without them nothing can be listened on. */
  readonly server?: TlsContexts;
  /** For what is connected. Without them nothing can be connected to. */
  readonly client?: TlsClientContexts;
  /** Holds what waits to be encrypted. */
  readonly pool?: Pool;
}

export interface TlsListenerSink extends ListenerSink {
  onAccept(endpoint: TlsEndpoint): void;
}

export interface TlsConnectOptions extends ConnectOptions {
  /** Default: the host. */
  readonly serverName?: string;
}

export interface TlsTransport extends Transport {
  /** Each connection is handed out as it is accepted, before its handshake. */
  listen(options: ListenOptions, sink: TlsListenerSink): Promise<Listener>;
  /** Settles when the inner transport has connected, before the handshake. */
  connect(options: TlsConnectOptions): Promise<TlsEndpoint>;
}

export function secureTransport(inner: Transport, options: SecureTransportOptions): TlsTransport {
  return new SecureTransport(inner, options);
}

class SecureTransport implements TlsTransport {
  readonly name: string;
  readonly #inner: Transport;
  readonly #options: SecureTransportOptions;

  constructor(inner: Transport, options: SecureTransportOptions) {
    this.name = `tls over ${inner.name}`;
    this.#inner = inner;
    this.#options = options;
  }

  async listen(options: ListenOptions, sink: TlsListenerSink): Promise<Listener> {
    const { pool, server } = this.#options;
    if (server === undefined) throw new Error('a secure transport listens with server contexts only');
    const role = { role: 'server', contexts: server, ...(pool !== undefined && { pool }) } as const;
    return this.#inner.listen(options, {
      onAccept: (endpoint: Endpoint) => sink.onAccept(secureEndpoint(endpoint, role)),
      onError: (error) => sink.onError(error),
      onClose: (error) => sink.onClose(error),
    });
  }

  async connect({ serverName, ...options }: TlsConnectOptions): Promise<TlsEndpoint> {
    const { client, pool } = this.#options;
    if (client === undefined) throw new Error('a secure transport connects with client contexts only');
    const endpoint = await this.#inner.connect(options);
    return secureEndpoint(endpoint, { role: 'client', contexts: client, serverName: serverName ?? options.host, ...(pool !== undefined && { pool }) });
  }
}
