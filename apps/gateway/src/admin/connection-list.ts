// `/connections`: what an operator asks about open connections, filtered and bounded.

import { CommandSession, WebSocketSession, type Connection } from '@sluice/connection';
import type { ConnectionRegistry } from '@sluice/supervision';
import { CommandConnection } from '../command/command-connection.ts';
import { tlsFacts, type TlsFacts } from '../tls/facts.ts';
import { EventStreamSession } from '../topics/event-stream.ts';
import { TopicSocket } from '../topics/topic-socket.ts';
import { innerHandler } from '../limits/rated-handler.ts';

export interface ConnectionDocument {
  readonly id: number;
  readonly state: string;
  readonly protocol: string;
  readonly peer: string;
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
  if (peer !== null && connection.endpoint.peer.host !== peer) return false;
  return topic === null || topicsOf(connection).includes(topic);
}

function describeConnection(connection: Connection, nowMs: number): ConnectionDocument {
  const { endpoint, state, session } = connection;
  const { host, port } = endpoint.peer;
  return {
    id: connection.id,
    state: state.label,
    protocol: session.protocol,
    peer: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    ageMs: Math.round(nowMs - connection.openedAtMs),
    queuedBytes: connection.queuedBytes,
    bytesIn: endpoint.bytesIn,
    bytesOut: endpoint.bytesOut,
    topics: topicsOf(connection),
    ...(session instanceof CommandSession && session.peerName !== null && { name: session.peerName }),
    tls: tlsFacts(endpoint),
  };
}

/** Subscribed are event streams themselves; topic sockets and command connections are behind their sessions. */
function topicsOf({ session }: Connection): readonly string[] {
  if (session instanceof EventStreamSession) return session.topics;
  if (session instanceof CommandSession && session.handler instanceof CommandConnection) return session.handler.topics;
  if (!(session instanceof WebSocketSession)) return [];
  const handler = innerHandler(session.handler);
  return handler instanceof TopicSocket ? handler.topics : [];
}
