import type { Ended } from '@sluice/inspection';
import { describe, expect, it } from 'vitest';
import { closedPage } from '../../src/inspection/closed-list.ts';

const ended = (id: number, reason: string, more: Partial<Ended['ending']> = {}): Ended => ({
  sessionId: `connection:${id}`,
  openedAtMs: 1000 + id,
  endedAtMs: 2000 + id,
  ending: { reason, ageMs: 1000, bytesIn: 10 * id, bytesOut: 0, peer: '10.0.0.1', protocol: 'http', ...more },
});
/** As the recorder gives them: the newest first. */
const list = [ended(4, 'idleTimeout', { peer: '10.0.0.2' }), ended(3, 'aborted', { protocol: 'websocket' }), ended(2, 'served', { ageMs: 5 }), ended(1, 'served')];
const page = (query = '') => closedPage(new URLSearchParams(query), list, 500);
const ids = (query: string) => page(query).closed.map(({ id }) => id);

describe('closedPage', () => {
  it('has the newest first, in wall-clock time, and counts reasons whatever the filter', () => {
    expect(ids('')).toEqual([4, 3, 2, 1]);
    expect(page('reason=aborted')).toEqual({
      total: 4,
      matched: 1,
      reasons: { idleTimeout: 1, aborted: 1, served: 2 },
      closed: [{ id: 3, sessionId: 'connection:3', protocol: 'websocket', peer: '10.0.0.1', reason: 'aborted', openedAtMs: 1503, closedAtMs: 2503, ageMs: 1000, bytesIn: 30, bytesOut: 0 }],
    });
  });

  it.each<[string, number[]]>([
    ['order=asc', [1, 2, 3, 4]],
    ['offset=1&limit=2', [3, 2]],
    // What is alike stands in the order of closing, or against it as the rest does.
    ['sort=reason', [3, 4, 1, 2]],
    ['sort=reason&order=desc', [2, 1, 4, 3]],
    ['sort=age', [2, 1, 3, 4]],
    ['sort=bytesIn&order=desc', [4, 3, 2, 1]],
    ['peer=10.0.0.2', [4]],
    ['protocol=websocket', [3]],
    ['q=SERVED', [2, 1]],
    ['q=connection:4', [4]],
    ['reason=none', []],
  ])('?%s', (query, wanted) => {
    expect(ids(query)).toEqual(wanted);
  });

  it('is empty where nothing is kept', () => {
    expect(closedPage(new URLSearchParams(), [], 0)).toEqual({ total: 0, matched: 0, reasons: {}, closed: [] });
  });
});
