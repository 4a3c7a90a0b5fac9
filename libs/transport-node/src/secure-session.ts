// What the handshake of a TLSSocket agreed on, in the contract's words. For sockets that were made secure elsewhere (an https server's)
// and adopted; it is read once, when the handshake is complete.

import type { TLSSocket } from 'node:tls';
import type { PeerCertificate, SecureSession } from '@sluice/transport';

/** `null` while the handshake is running. */
export function secureSessionOf(socket: TLSSocket): SecureSession | null {
  const protocol = socket.getProtocol();
  const { secureConnecting, alpnProtocol, servername } = socket as unknown as TlsState;
  if (protocol === null || secureConnecting) return null;
  return {
    protocol,
    cipher: socket.getCipher().name,
    alpn: typeof alpnProtocol === 'string' && alpnProtocol !== '' ? alpnProtocol : null,
    serverName: typeof servername === 'string' && servername !== '' ? servername : null,
    resumed: socket.isSessionReused(),
    peerCertificate: peerCertificateOf(socket),
  };
}

/** Node's own words for what its types leave out or widen: a name that was not given is false, not null. */
interface TlsState {
  readonly secureConnecting: boolean;
  readonly alpnProtocol: string | false | null;
  readonly servername: string | false | null;
}

function peerCertificateOf(socket: TLSSocket): PeerCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const { authorized } = socket;
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    sha1: certificate.fingerprint.replaceAll(':', ''),
    sha256: certificate.fingerprint256.replaceAll(':', ''),
    authorized,
    // Typed as an Error, but it is the code.
    reason: authorized ? null : String((socket.authorizationError as unknown) ?? 'UNKNOWN'),
  };
}

/** A name comes with each part on its own line; a certificate may be without. */
function nameOf(lines: string | undefined): string {
  return (lines ?? '').split('\n').join(', ');
}
