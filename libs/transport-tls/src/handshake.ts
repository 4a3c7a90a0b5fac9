// How a handshake is started, and to whom its outcome is told. Contexts start it, endpoints wait for it.

import type { TLSSocket } from 'node:tls';
import type { TransportError } from '@sluice/transport';

/** Exactly one of these is called, from the event loop, unless the stream is destroyed before. */
export interface HandshakeOutcome {
  /** Complete. The socket is paused, and nobody listens to it yet. */
  onSecured(socket: TLSSocket): void;
  onRefused(error: TransportError): void;
}

/** PEM, or several of it one after the other. */
export type Pem = string | Uint8Array;

/** A certificate of our own and what belongs to it. */
export interface TlsIdentity {
  /** The certificate, then the chain that leads to a root, which may be missing. */
  readonly certificate: Pem;
  readonly key: Pem;
  readonly passphrase?: string;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** What clients and servers set alike. */
export interface TlsSettings {
  /** Default TLSv1.2. */
  readonly minVersion?: TlsVersion;
  /** Default TLSv1.3. */
  readonly maxVersion?: TlsVersion;
  /** OpenSSL's cipher list. Default: Node's. */
  readonly ciphers?: string;
  /** Protocols for ALPN (RFC 7301), the preferred first. A server that has some refuses clients that offer only others. */
  readonly alpn?: readonly string[];
  /** Roots to trust. Default: Node's. */
  readonly ca?: Pem | readonly Pem[];
}

/** As node:tls wants its settings: no property without a value, Buffers where bytes are. */
export function contextSettings(settings: TlsSettings, identity: TlsIdentity | undefined): Record<string, unknown> {
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3', ciphers, ca } = settings;
  return {
    minVersion,
    maxVersion,
    ...(ciphers !== undefined && { ciphers }),
    ...(ca !== undefined && { ca: ca instanceof Uint8Array || typeof ca === 'string' ? pem(ca) : ca.map(pem) }),
    ...(identity !== undefined && { cert: pem(identity.certificate), key: pem(identity.key) }),
    ...(identity?.passphrase !== undefined && { passphrase: identity.passphrase }),
  };
}

function pem(text: Pem): string {
  return typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
}
