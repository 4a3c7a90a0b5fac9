// `/inspection/closed`: the last connections that closed, with the reason, as the flight recorder keeps them.

import type { Ended } from '@sluice/inspection';
import { pageOf, wordOf } from './query.ts';
import { selectPage } from './select-page.ts';

export interface ClosedRow {
  readonly id: number;
  readonly sessionId: string;
  readonly protocol: string;
  /** Address, without the port. */
  readonly peer: string;
  readonly reason: string;
  /** Wall-clock time, ms since 1970. */
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  readonly ageMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface ClosedPage {
  /** Kept, and of those the ones that match. */
  readonly total: number;
  readonly matched: number;
  /** Of all that are kept, whatever the filter: how many closed for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly closed: readonly ClosedRow[];
}

const sortKeys = ['closedAt', 'reason', 'age', 'peer', 'protocol', 'bytesIn', 'bytesOut'] as const;

/** `wallOffsetMs`: what the recorder's clock is behind the wall's. Throws a QueryError for a query that is not understood. */
export function closedPage(query: URLSearchParams, ended: readonly Ended[], wallOffsetMs: number): ClosedPage {
  const sort = wordOf(query, 'sort', sortKeys);
  const sign = wordOf(query, 'order', sort === 'closedAt' ? ['desc', 'asc'] : ['asc', 'desc']) === 'asc' ? 1 : -1;
  const { offset, limit } = pageOf(query);
  const matched = ended.filter(filterOf(query));
  const keys = matched.map((each) => (sort === 'closedAt' ? each.endedAtMs : sort === 'age' ? each.ending.ageMs : each.ending[sort]));
  const compare = (one: number, other: number): number => {
    const a = keys[one]!;
    const b = keys[other]!;
    // The list comes newest first.
    return a === b ? sign * (other - one) : a < b ? -sign : sign;
  };
  const reasons: Record<string, number> = {};
  for (const { ending } of ended) reasons[ending.reason] = (reasons[ending.reason] ?? 0) + 1;
  const closed = Array.from(selectPage(matched.length, compare, offset, limit), (index) => rowOf(matched[index]!, wallOffsetMs));
  return { total: ended.length, matched: matched.length, reasons, closed };
}

function filterOf(query: URLSearchParams): (ended: Ended) => boolean {
  const [reason, peer, protocol, q] = ['reason', 'peer', 'protocol', 'q'].map((name) => query.get(name) ?? '');
  const text = q!.toLowerCase();
  return ({ sessionId, ending }) =>
    (reason === '' || ending.reason === reason) &&
    (peer === '' || ending.peer === peer) &&
    (protocol === '' || ending.protocol === protocol) &&
    (text === '' || `${sessionId} ${ending.peer} ${ending.protocol} ${ending.reason}`.toLowerCase().includes(text));
}

function rowOf({ sessionId, openedAtMs, endedAtMs, ending }: Ended, wallOffsetMs: number): ClosedRow {
  const { protocol, peer, reason, ageMs, bytesIn, bytesOut } = ending;
  const wallMs = (ms: number): number => Math.round(ms + wallOffsetMs);
  return {
    id: Number(sessionId.slice(sessionId.indexOf(':') + 1)),
    sessionId,
    protocol,
    peer,
    reason,
    openedAtMs: wallMs(openedAtMs),
    closedAtMs: wallMs(endedAtMs),
    ageMs: Math.round(ageMs),
    bytesIn,
    bytesOut,
  };
}
