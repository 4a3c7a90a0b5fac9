// What logs and the list of connections say of a connection's TLS.

import type { Endpoint } from '@sluice/transport';

export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  readonly serverName?: string;
  readonly alpn?: string;
  readonly resumed?: true;
  /** Subject of the client's certificate. */
  readonly client?: string;
  /** Why TLS would not have let that certificate pass. */
  readonly clientRefusal?: string;
}

/** Only what there is. Undefined in the clear, and until the handshake is complete. */
export function tlsFacts({ secureSession }: Endpoint): TlsFacts | undefined {
  if (secureSession === undefined || secureSession === null) return undefined;
  const { protocol, cipher, serverName, alpn, resumed, peerCertificate } = secureSession;
  return {
    protocol,
    cipher,
    ...(serverName !== null && { serverName }),
    ...(alpn !== null && { alpn }),
    ...(resumed && { resumed }),
    ...(peerCertificate !== null && { client: peerCertificate.subject }),
    ...(typeof peerCertificate?.reason === 'string' && { clientRefusal: peerCertificate.reason }),
  };
}
