// `/inspection/connections`: open connections, filtered, sorted and paged. A request walks the connections once and makes documents of its
// page only: with 100,000 that is some milliseconds and no more memory than a number for each that matches.

import type { ChartState, Connection } from '@sluice/connection';
import { stateFacts } from '@sluice/inspection';
import type { ConnectionRegistry } from '@sluice/supervision';
import { clientOf } from '../client-address/request-client.ts';
import type { ByteRates } from './byte-rates.ts';
import { nameOf, peerOf, subscribedOf } from './connection-facts.ts';
import { pageOf, wordOf } from './query.ts';
import { selectPage, type CompareAt } from './select-page.ts';

export interface ConnectionRow {
  readonly id: number;
  readonly sessionId: string;
  /** As it is shown: `established(inbound.flowing outbound.clear)`. */
  readonly state: string;
  readonly phase: string;
  readonly protocol: string;
  readonly peer: string;
  readonly ageMs: number;
  readonly queuedBytes: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rateInBytesPerSecond: number;
  readonly rateOutBytesPerSecond: number;
  /** The first of them; `topicCount` says how many there are. */
  readonly topics: readonly string[];
  readonly topicCount: number;
  readonly tags: readonly string[];
  readonly name: string | null;
}

export interface ConnectionPage {
  /** Open connections, those that match, and the place of the first row among these. */
  readonly total: number;
  readonly matched: number;
  readonly offset: number;
  /** Wall-clock time, ms since 1970. */
  readonly atMs: number;
  readonly connections: readonly ConnectionRow[];
}

export const sortKeys = ['id', 'age', 'queued', 'rateOut', 'rateIn', 'bytesIn', 'bytesOut', 'peer', 'state', 'protocol'] as const;
export type SortKey = (typeof sortKeys)[number];

const mostTopics = 16;

export interface TableSources {
  readonly registry: ConnectionRegistry;
  readonly rates: ByteRates;
  readonly nowMs: number;
  readonly wallMs: number;
}

/** Throws a QueryError for a query that is not understood. */
export function connectionPage(query: URLSearchParams, { registry, rates, nowMs, wallMs }: TableSources): ConnectionPage {
  const sort = wordOf(query, 'sort', sortKeys);
  const sign = wordOf(query, 'order', ['asc', 'desc']) === 'asc' ? 1 : -1;
  const { offset, limit } = pageOf(query);
  const matches = connectionFilter(query);
  const sampleRates = rates.refreshAlong(nowMs);
  const matched: Connection[] = [];
  const keys: (number | string)[] = [];
  for (const connection of registry.all()) {
    sampleRates?.(connection);
    if (!matches(connection)) continue;
    matched.push(connection);
    // The registry's own order needs no key.
    if (sort !== 'id') keys.push(keyOf(connection, sort, rates, nowMs));
  }
  const compare = comparing(keys, sort, sign);
  const connections = Array.from(selectPage(matched.length, compare, offset, limit), (index) => rowOf(matched[index]!, rates, nowMs));
  return { total: registry.size, matched: matched.length, offset, atMs: wallMs, connections };
}

/** Everything that the query names must hold; `q` is looked for in whatever a row shows. */
export function connectionFilter(query: URLSearchParams): (connection: Connection) => boolean {
  const tests: ((connection: Connection) => boolean)[] = [];
  const add = (name: string, make: (wanted: string) => (connection: Connection) => boolean): void => {
    const wanted = query.get(name);
    if (wanted !== null && wanted !== '') tests.push(make(wanted));
  };
  // The cheapest first.
  add('phase', (wanted) => ({ state }) => state.phase === wanted);
  add('state', (wanted) => {
    // A chart has few states: each is looked at once.
    const known = new Map<ChartState, boolean>();
    return ({ state }) => {
      let answer = known.get(state);
      if (answer === undefined) known.set(state, (answer = isIn(state, wanted)));
      return answer;
    };
  });
  add('protocol', (wanted) => ({ session }) => session.protocol === wanted);
  add('peer', (wanted) => (connection) => clientOf(connection).host === wanted || peerOf(connection) === wanted);
  add('topic', (wanted) => (connection) => subscribedOf(connection).topics.includes(wanted));
  add('tag', (wanted) => (connection) => subscribedOf(connection).tags.includes(wanted));
  add('q', (wanted) => {
    const text = wanted.toLowerCase();
    return (connection) => textsOf(connection).some((each) => each.toLowerCase().includes(text));
  });
  return tests.length === 0 ? () => true : (connection) => tests.every((test) => test(connection));
}

function isIn(state: ChartState, name: string): boolean {
  return state.phase === name || state.label === name || stateFacts(state.snapshot).paths.includes(name);
}

function textsOf(connection: Connection): readonly string[] {
  const { topics, tags } = subscribedOf(connection);
  return [connection.sessionId, peerOf(connection), connection.state.label, connection.session.protocol, nameOf(connection) ?? '', ...topics, ...tags];
}

function comparing(keys: readonly (number | string)[], sort: SortKey, sign: number): CompareAt {
  if (sort === 'id') return (one, other) => sign * (one - other);
  return (one, other) => {
    const a = keys[one]!;
    const b = keys[other]!;
    return a === b ? one - other : a < b ? -sign : sign;
  };
}

function keyOf(connection: Connection, sort: SortKey, rates: ByteRates, nowMs: number): number | string {
  switch (sort) {
    case 'id':
      return connection.id;
    case 'age':
      return nowMs - connection.openedAtMs;
    case 'queued':
      return connection.queuedBytes;
    case 'rateOut':
      return rates.of(connection, nowMs).outBytesPerSecond;
    case 'rateIn':
      return rates.of(connection, nowMs).inBytesPerSecond;
    case 'bytesIn':
      return connection.endpoint.bytesIn;
    case 'bytesOut':
      return connection.endpoint.bytesOut;
    case 'peer':
      return peerOf(connection);
    case 'state':
      return connection.state.label;
    case 'protocol':
      return connection.session.protocol;
  }
}

export function rowOf(connection: Connection, rates: ByteRates, nowMs: number): ConnectionRow {
  const { endpoint, state, session } = connection;
  const { topics, tags } = subscribedOf(connection);
  const { inBytesPerSecond, outBytesPerSecond } = rates.of(connection, nowMs);
  return {
    id: connection.id,
    sessionId: connection.sessionId,
    state: state.label,
    phase: state.phase,
    protocol: session.protocol,
    peer: peerOf(connection),
    ageMs: Math.round(nowMs - connection.openedAtMs),
    queuedBytes: connection.queuedBytes,
    bytesIn: endpoint.bytesIn,
    bytesOut: endpoint.bytesOut,
    rateInBytesPerSecond: inBytesPerSecond,
    rateOutBytesPerSecond: outBytesPerSecond,
    topics: topics.slice(0, mostTopics),
    topicCount: topics.length,
    tags,
    name: nameOf(connection),
  };
}
