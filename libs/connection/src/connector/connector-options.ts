// What a connector is given, and whom it tells.

import type { Pool } from '@sluice/brigade';
import type { PeerAddress, Resolver, Transport } from '@sluice/transport';
import type { Connection } from '../connection.ts';
import type { ConnectionHost } from '../host.ts';
import type { BackoffSettings } from './backoff.ts';
import type { ConnectFailure } from './connect-failure.ts';
import type { ConnectorEventType } from './connector-chart.ts';
import type { Connector } from './connector.ts';
import type { ConnectorState } from './connector-steps.ts';
import type { OutboundSession } from './outbound-session.ts';

/** In ms; 0 turns one off. */
export interface ConnectorTimeouts {
  /** For one look-up of the name. */
  readonly dnsResolveTimeoutMs: number;
  /** For the transport to connect to one address. */
  readonly connectingTimeoutMs: number;
  /** From there until the session is established: TLS, upgrade, greeting. */
  readonly handshakeTimeoutMs: number;
}

export const defaultConnectorTimeouts: ConnectorTimeouts = {
  dnsResolveTimeoutMs: 5000,
  connectingTimeoutMs: 5000,
  handshakeTimeoutMs: 10_000,
};

/** What is known when a session is made. */
export interface OutboundContext {
  /** The connection's pool, for the session's engine. */
  readonly pool: Pool;
  /** The address that was connected to. */
  readonly address: PeerAddress;
}

/** Told about life-cycle, never about messages. */
export interface ConnectorObserver {
  /** The chart took a step. */
  onStep?(connector: Connector, from: ConnectorState, to: ConnectorState, event: ConnectorEventType): void;
  /** One address is about to be connected to. */
  onAttempt?(connector: Connector, address: PeerAddress): void;
  /** The session is established. */
  onConnected?(connector: Connector, connection: Connection): void;
  /** A look-up or an attempt failed, or an established connection was lost. What follows is in the next steps. */
  onFailure?(connector: Connector, failure: ConnectFailure): void;
  /** The last word. The failure is what made it give up; `null` after `stop()` and `abort()`. */
  onStopped?(connector: Connector, failure: ConnectFailure | null): void;
}

export interface ConnectorOptions {
  /** A name or an address, and a port. */
  readonly target: PeerAddress;
  readonly transport: Transport;
  readonly resolver: Resolver;
  /** What its connections are given. Their pools are destroyed by the host's observer, as always; their `handshake` deadline is the connector's. */
  readonly host: ConnectionHost;
  /** Makes the session of a new connection; called once per attempt that got as far. */
  makeSession(context: OutboundContext): OutboundSession;
  /** In [0, 1), for the jitter. */
  random(): number;
  readonly timeouts?: Partial<ConnectorTimeouts>;
  readonly backoff?: Partial<BackoffSettings>;
  readonly observer?: ConnectorObserver;
}
