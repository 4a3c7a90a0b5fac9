// Why a connection closed: one closed list. It is the metric label, the access-log field and what an inspector shows.
// The first reason noted wins; what happens while closing does not overwrite the cause.

import type { TransportError } from '@sluice/transport';

export const closeReasons = [
  /** The peer ended in its protocol's own way: a close frame, or FIN between two requests. */
  'peerClosed',
  /** We were done: `Connection: close` after the last reply, or a session that ended by itself. */
  'served',
  /** The gateway drained this connection (shutdown, or an operator). */
  'drained',
  /** Nothing arrived for too long. */
  'idleTimeout',
  /** The absolute cap on a connection's age was reached. */
  'sustainTimeout',
  /** A handshake, a request head or a request body did not become complete in time. */
  'handshakeTimeout',
  /** The peer broke its protocol. */
  'protocolError',
  /** The peer exceeded a documented limit (message size, head size, …). */
  'limitExceeded',
  /** The peer did not take its messages fast enough and the topic's policy is `disconnect`. */
  'slowConsumer',
  /** What the peer asked for is not allowed (origin, credentials). */
  'refused',
  /** More connections than this listener holds. */
  'overload',
  /** More connections or messages in a time than one address or peer may make. */
  'rateLimited',
  /** FIN in the middle of a message or request; on an encrypted connection also FIN without TLS's goodbye (close_notify). */
  'truncated',
  /** TLS: the handshake failed, one side did not accept the other's certificate, or what came later was not sound. */
  'tlsFailed',
  /** RST, or the transport failed. */
  'transportError',
  /** An exception in our own code; the peer was told 500, 1011 or ERR. */
  'internalError',
  /** Stopped at once: by an operator, a second signal, or a listener whose scope ended. */
  'aborted',
] as const;

export type CloseReason = (typeof closeReasons)[number];

/** The reason a transport's failure stands for. */
export function reasonOfFailure({ operation, kind }: TransportError): CloseReason {
  switch (kind) {
    case 'truncated':
      return operation === 'handshake' ? 'tlsFailed' : 'truncated';
    case 'protocolError':
    case 'untrusted':
      return 'tlsFailed';
    default:
      return operation === 'handshake' ? 'tlsFailed' : 'transportError';
  }
}
