// Handshakes that came to nothing, counted by why. A connection whose endpoint encrypts, and has closed without a session, was one.

import type { Connection } from '@sluice/connection';

/**
 * `protocolError`: no agreement, or no TLS at all; `untrusted`: the client's certificate, or ours to the client, was refused;
 * `truncated`: the client went away; `handshakeTimeout`: it took too long; `other`: a reset, or the gateway stopped.
 */
export const handshakeFailureReasons = ['protocolError', 'untrusted', 'truncated', 'handshakeTimeout', 'other'] as const;
export type HandshakeFailureReason = (typeof handshakeFailureReasons)[number];

export class HandshakeFailures {
  readonly #counts = new Map<HandshakeFailureReason, number>();

  count(reason: HandshakeFailureReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** Of a connection that has closed: counts it if its handshake failed. Answers why, or null. */
  closed(connection: Connection): HandshakeFailureReason | null {
    if (connection.endpoint.secureSession !== null) return null;
    const reason = reasonOf(connection);
    this.#counts.set(reason, this.count(reason) + 1);
    return reason;
  }
}

function reasonOf({ failure, reason }: Connection): HandshakeFailureReason {
  if (reason === 'handshakeTimeout') return reason;
  const kind = failure?.operation === 'handshake' ? failure.kind : null;
  return kind === 'protocolError' || kind === 'untrusted' || kind === 'truncated' ? kind : 'other';
}
