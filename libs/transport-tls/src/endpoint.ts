// What a secure endpoint is to its owner, and which of the two forms makes it: OpenSSL driven by ourselves (native-endpoint.ts), where
// that can be had and the role is a server's, or a TLSSocket over a stream (stream-endpoint.ts).

import { Pool } from '@sluice/brigade';
import type { Endpoint, PeerCertificate, SecureSession } from '@sluice/transport';
import type { TlsClientContexts } from './client-contexts.ts';
import type { TlsContexts } from './contexts.ts';
import { NativeEndpoint } from './native-endpoint.ts';
import { StreamEndpoint } from './stream-endpoint.ts';

export type TlsState = 'handshaking' | 'secure' | 'closing' | 'closed';

export interface TlsEndpoint extends Endpoint {
  readonly state: TlsState;
  /** `null` until the handshake is complete. */
  readonly secureSession: SecureSession | null;
  /** The session's; `null` without one, and until the handshake is complete. */
  peerCertificate(): PeerCertificate | null;
}

export interface TlsServerRole {
  readonly role: 'server';
  readonly contexts: TlsContexts;
  /** Holds what waits to be encrypted. Default: a pool for all endpoints without one. */
  readonly pool?: Pool;
}

export interface TlsClientRole {
  readonly role: 'client';
  readonly contexts: TlsClientContexts;
  /** Whom the certificate has to be made out to: a name, sent to the server as well, or an address. Default: the peer's host. */
  readonly serverName?: string;
  readonly pool?: Pool;
}

export type SecureOptions = TlsServerRole | TlsClientRole;

let commonPool: Pool | null = null;

/** Makes the endpoint secure: it is this layer's from here on. The handshake begins at once. */
export function secureEndpoint(inner: Endpoint, options: SecureOptions): TlsEndpoint {
  const pool = options.pool ?? (commonPool ??= new Pool('transport-tls'));
  if (options.role === 'client') {
    const { contexts, serverName } = options;
    return new StreamEndpoint(inner, pool, (stream, outcome) => contexts.connect(stream, serverName ?? inner.peer.host, outcome));
  }
  const { contexts } = options;
  const connection = contexts.openNative();
  if (connection !== null) return new NativeEndpoint(inner, pool, connection);
  return new StreamEndpoint(inner, pool, (stream, outcome) => contexts.accept(stream, outcome));
}
