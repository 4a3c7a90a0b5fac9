// What a connector's connections are given: its own host, with the connector listening in, and without a deadline for the handshake, which
// is the connector's, because it knows what to do next.

import type { Connection } from '../connection.ts';
import type { ConnectionHost } from '../host.ts';

/** The connector's ear. */
export interface OutboundEvents {
  onEstablished(connection: Connection): void;
  onCrash(connection: Connection, error: unknown): void;
  /** Closed, and let go of: something new may begin. */
  onClosed(connection: Connection): void;
}

export function outboundHost(host: ConnectionHost, events: OutboundEvents): ConnectionHost {
  const { observer, timeouts } = host;
  return {
    ...host,
    timeouts: { ...timeouts, handshakeTimeoutMs: 0 },
    observer: {
      onStep(connection, from, to, event) {
        observer.onStep(connection, from, to, event);
        if (to.phase === 'established' && from.phase !== 'established') events.onEstablished(connection);
      },
      onCrash(connection, error) {
        observer.onCrash(connection, error);
        events.onCrash(connection, error);
      },
      onClosed(connection, reason) {
        observer.onClosed(connection, reason);
        events.onClosed(connection);
      },
    },
  };
}
