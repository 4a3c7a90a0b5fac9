// Filters, sorts and pages the lists of a made-up gateway.

import type { Ended } from '@sluice/inspection';
import type { FakeConnection } from './fake-connection.ts';

type Key<Row> = (row: Row) => number | string;

const connectionKeys: Readonly<Record<string, Key<FakeConnection>>> = {
  id: ({ id }) => id,
  age: ({ openedAtMs }) => -openedAtMs,
  queued: ({ queuedBytes }) => queuedBytes,
  rateOut: ({ rateOut }) => rateOut,
  rateIn: ({ rateIn }) => rateIn,
  bytesIn: ({ bytesIn }) => bytesIn,
  bytesOut: ({ bytesOut }) => bytesOut,
  peer: ({ peer }) => peer.host,
  state: ({ state }) => state.label,
  protocol: ({ protocol }) => protocol,
};

export function listConnections(connections: readonly FakeConnection[], query: URLSearchParams, nowMs: number): object {
  const [state, phase, protocol, peer, topic, tag] = ['state', 'phase', 'protocol', 'peer', 'topic', 'tag'].map((name) => query.get(name));
  const words = query.get('q')?.toLowerCase() ?? '';
  const matched = connections.filter((each) => {
    if (state != null && !each.state.label.includes(state.split('.').slice(-2).join('.'))) return false;
    if (phase != null && each.state.phase !== phase) return false;
    if (protocol != null && each.protocol !== protocol) return false;
    if (peer != null && each.peer.host !== peer) return false;
    if (topic != null && !each.topics.includes(topic)) return false;
    if (tag != null && !each.clientTags.includes(tag)) return false;
    return words === '' || `${each.id} ${each.peer.host}:${each.peer.port} ${each.protocol} ${each.topics.join(' ')} ${each.clientTags.join(' ')} ${each.state.label}`.toLowerCase().includes(words);
  });
  const page = sortedPage(matched, connectionKeys, query, 'id', 'asc');
  return { total: connections.length, matched: matched.length, offset: page.offset, atMs: nowMs, connections: page.rows.map((each) => each.row(nowMs)) };
}

const endedKeys: Readonly<Record<string, Key<Ended>>> = {
  closedAt: ({ endedAtMs }) => endedAtMs,
  reason: ({ ending }) => ending.reason,
  age: ({ ending }) => ending.ageMs,
  peer: ({ ending }) => ending.peer,
  protocol: ({ ending }) => ending.protocol,
  bytesIn: ({ ending }) => ending.bytesIn,
  bytesOut: ({ ending }) => ending.bytesOut,
};

export function listClosed(ended: readonly Ended[], query: URLSearchParams): object {
  const [reason, peer, protocol] = ['reason', 'peer', 'protocol'].map((name) => query.get(name));
  const words = query.get('q')?.toLowerCase() ?? '';
  const reasons: Record<string, number> = {};
  for (const { ending } of ended) reasons[ending.reason] = (reasons[ending.reason] ?? 0) + 1;
  const matched = ended.filter(({ sessionId, ending }) => {
    if (reason != null && ending.reason !== reason) return false;
    if (peer != null && ending.peer !== peer) return false;
    if (protocol != null && ending.protocol !== protocol) return false;
    return words === '' || `${sessionId} ${ending.peer} ${ending.protocol} ${ending.reason}`.toLowerCase().includes(words);
  });
  const { rows } = sortedPage(matched, endedKeys, query, 'closedAt', 'desc');
  const closed = rows.map(({ sessionId, openedAtMs, ending }) => ({ id: Number(sessionId.split(':')[1]), sessionId, openedAtMs, ...ending }));
  return { total: ended.length, matched: matched.length, reasons, closed };
}

function sortedPage<Row>(rows: readonly Row[], keys: Readonly<Record<string, Key<Row>>>, query: URLSearchParams, sort: string, order: string): { offset: number; rows: Row[] } {
  const key = keys[query.get('sort') ?? sort] ?? keys[sort]!;
  const sign = (query.get('order') ?? order) === 'desc' ? -1 : 1;
  const sorted = rows.toSorted((one, other) => {
    const [a, b] = [key(one), key(other)];
    return a < b ? -sign : a > b ? sign : 0;
  });
  const offset = Number(query.get('offset') ?? 0);
  return { offset, rows: sorted.slice(offset, offset + Math.min(1000, Number(query.get('limit') ?? 100))) };
}
