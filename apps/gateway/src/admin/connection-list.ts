// `/connections`: what an operator asks about open connections, filtered and bounded.

import type { Connection } from '@sluice/connection';
import type { ConnectionRegistry } from '@sluice/supervision';
import { clientOf, viaOf } from '../client-address/request-client.ts';
import { nameOf, peerOf, subscribedOf } from '../inspection/connection-facts.ts';
import { tlsFacts, type TlsFacts } from '../tls/facts.ts';

export interface ConnectionDocument {
  readonly id: number;
  readonly state: string;
  readonly protocol: string;
  /** Of the client: behind a trusted proxy, the address that it names. */
  readonly peer: string;
  /** The proxy's address. */
  readonly via?: string;
  readonly ageMs: number;
  readonly queuedBytes: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly topics: readonly string[];
  /** What the peer goes by, by its certificate's thumbprint. */
  readonly name?: string;
  /** Absent in the clear, and until the handshake is complete. */
  readonly tls: TlsFacts | undefined;
}

export interface ConnectionFilter {
  /** The chart's state: `established`, or as it is shown: `established(inbound.flowing outbound.clear)`. */
  readonly state: string | null;
  readonly protocol: string | null;
  /** Address of the peer. */
  readonly peer: string | null;
  /** A pattern it is subscribed to. */
  readonly topic: string | null;
  /** Most rows of the answer. */
  readonly limit: number;
}

export function listConnections(
  registry: ConnectionRegistry,
  filter: ConnectionFilter,
  nowMs: number,
): { total: number; matched: number; connections: ConnectionDocument[] } {
  const connections: ConnectionDocument[] = [];
  let matched = 0;
  for (const connection of registry.all()) {
    if (!matches(connection, filter)) continue;
    matched++;
    if (connections.length < filter.limit) connections.push(describeConnection(connection, nowMs));
  }
  return { total: registry.size, matched, connections };
}

function matches(connection: Connection, { state, protocol, peer, topic }: ConnectionFilter): boolean {
  if (state !== null && connection.state.phase !== state && connection.state.label !== state) return false;
  if (protocol !== null && connection.session.protocol !== protocol) return false;
  if (peer !== null && clientOf(connection).host !== peer) return false;
  return topic === null || subscribedOf(connection).topics.includes(topic);
}

function describeConnection(connection: Connection, nowMs: number): ConnectionDocument {
  const { endpoint, state, session } = connection;
  const name = nameOf(connection);
  const via = viaOf(connection);
  return {
    id: connection.id,
    state: state.label,
    protocol: session.protocol,
    peer: peerOf(connection),
    ...(via !== null && { via }),
    ageMs: Math.round(nowMs - connection.openedAtMs),
    queuedBytes: connection.queuedBytes,
    bytesIn: endpoint.bytesIn,
    bytesOut: endpoint.bytesOut,
    topics: subscribedOf(connection).topics,
    ...(name !== null && { name }),
    tls: tlsFacts(endpoint),
  };
}
