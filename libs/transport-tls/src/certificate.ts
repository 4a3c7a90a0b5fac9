// What an owner needs to know of a peer's certificate in order to judge it: read once, when the handshake is complete.

import type { TLSSocket } from 'node:tls';
import type { PeerCertificate } from '@sluice/transport';

/** `null` when the peer sent none. */
export function readPeerCertificate(socket: TLSSocket): PeerCertificate | null {
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
