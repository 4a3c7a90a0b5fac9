// What an owner needs to know of a peer's certificate in order to judge it: read once, when the handshake is complete.

import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { PeerCertificate } from '@sluice/transport';

/** `null` when the peer sent none. */
export function readPeerCertificate(socket: TLSSocket): PeerCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const { authorized } = socket;
  // Typed as an Error, but it is the code.
  return factsOf(certificate, authorized ? null : String((socket.authorizationError as unknown) ?? 'UNKNOWN'));
}

/** `reason` is why TLS would not have let it pass, by OpenSSL's name, or `null`. */
export function factsOf(certificate: X509Certificate, reason: string | null): PeerCertificate {
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    sha1: certificate.fingerprint.replaceAll(':', ''),
    sha256: certificate.fingerprint256.replaceAll(':', ''),
    authorized: reason === null,
    reason,
  };
}

/** A name comes with each part on its own line; a certificate may be without. */
function nameOf(lines: string | undefined): string {
  return (lines ?? '').split('\n').join(', ');
}
