// One connection as an inspector shows it: where it stands in its chart and what could happen next, its windows, its armed timers,
// what it has moved. Made when asked for; nothing is kept for it.

import type { ArmedTimer, CloseReason, Connection } from '@sluice/connection';
import type { StateValue } from 'xstate';
import { stateFacts } from './state-facts.ts';

export interface ConnectionDescription {
  readonly sessionId: string;
  /** Readable form: `established(inbound.flowing outbound.clear)`. */
  readonly label: string;
  /** XState's form of the same. */
  readonly value: StateValue;
  /** Ids of the active states, as they stand in the chart's drawing. */
  readonly stateIds: readonly string[];
  readonly tags: readonly string[];
  /** Events the chart has a transition for now. */
  readonly nextEvents: readonly string[];
  readonly protocol: string;
  readonly peer: { readonly host: string; readonly port: number };
  readonly local: { readonly host: string; readonly port: number };
  readonly ageMs: number;
  /** The first reason noted; `null` while nothing has ended it. */
  readonly reason: CloseReason | null;
  /** What the transport ended of; `null` while it lives, and after an end in good order. */
  readonly failure: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly inbound: {
    /** Bytes the session holds unread or half assembled. */
    readonly heldBytes: number;
    readonly paused: boolean;
    readonly discarding: boolean;
    /** 0: none. */
    readonly throttleBytesPerSecond: number;
  };
  readonly outbound: {
    readonly queuedBytes: number;
    /** What may be queued now. */
    readonly allowanceBytes: number;
    /** With this much unsent it is choked. */
    readonly highBytes: number;
    /** With this much or less unsent that ends. */
    readonly lowBytes: number;
    readonly throttleBytesPerSecond: number;
  };
  /** The one that comes due first stands first. */
  readonly timers: readonly ArmedTimer[];
  /** What TLS agreed on; `null` while the handshake runs; absent where bytes go in the clear. */
  readonly secure?: NonNullable<Connection['endpoint']['secureSession']> | null;
}

export function describeConnection(connection: Connection): ConnectionDescription {
  const { endpoint, host, session, state } = connection;
  const { stateIds, tags, nextEvents } = stateFacts(state.snapshot);
  const { secureSession } = endpoint;
  return {
    sessionId: connection.sessionId,
    label: state.label,
    value: state.snapshot.value,
    stateIds,
    tags,
    nextEvents,
    protocol: session.protocol,
    peer: endpoint.peer,
    local: endpoint.local,
    ageMs: Math.round(host.clock.now() - connection.openedAtMs),
    reason: connection.reason,
    failure: connection.failure?.message ?? null,
    bytesIn: endpoint.bytesIn,
    bytesOut: endpoint.bytesOut,
    inbound: {
      heldBytes: session.heldBytes,
      paused: state.paused,
      discarding: state.discarding,
      throttleBytesPerSecond: connection.throttle('in'),
    },
    outbound: {
      queuedBytes: connection.queuedBytes,
      // Not `writeAllowance()`: asking is a promise to write.
      allowanceBytes: Math.max(0, host.windows.outboundBytes - connection.queuedBytes),
      highBytes: host.windows.outboundBytes,
      lowBytes: host.windows.outboundLowBytes,
      throttleBytesPerSecond: connection.throttle('out'),
    },
    timers: connection
      .armedTimers()
      .map(({ name, leftMs }) => ({ name, leftMs: Math.round(leftMs) }))
      .sort((one, other) => one.leftMs - other.leftMs),
    ...(secureSession === undefined ? {} : { secure: secureSession }),
  };
}
