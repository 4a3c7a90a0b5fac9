import { Pool } from '@sluice/brigade';
import { Hub } from '@sluice/hub';
import { afterEach, describe, expect, it } from 'vitest';
import { historyDocument, pageSize } from '../../src/topics/history-page.ts';

const hub = new Hub({ pool: new Pool('test'), now: () => 7, wallClock: () => 7, random: () => 0.5 });
const { epoch } = hub.publish('t', Buffer.from('aaaa'), 0, 4, 'text');
for (const letter of ['b', 'c', 'd']) hub.publish('t', Buffer.from(letter.repeat(4)), 0, 4, 'text');

interface Page {
  readonly publications: readonly { readonly offset: number }[];
}

const offsets = (query: Parameters<typeof historyDocument>[2], maxBytes: number) =>
  (historyDocument(hub, 't', query, maxBytes) as Page).publications.map(({ offset }) => offset);

afterEach(() => expect(hub.stats().topics).toBe(1));

describe('A page of history', () => {
  it('has what the hub says of the topic', () => {
    expect(historyDocument(hub, 't', { limit: 1 }, 100)).toEqual({
      topic: 't',
      epoch,
      oldestOffset: 1,
      nextOffset: 5,
      gap: null,
      publications: [{ topic: 't', epoch, offset: 4, time: 7, data: 'dddd' }],
    });
  });

  it('is bounded in bytes: the newest, or the first behind a position', () => {
    expect(offsets({}, 100)).toEqual([1, 2, 3, 4]);
    expect(offsets({}, 8)).toEqual([3, 4]);
    expect(offsets({ since: { epoch, offset: 1 } }, 11)).toEqual([2, 3]);
  });

  it('has one publication at least', () => {
    expect([offsets({}, 3), offsets({ since: { epoch, offset: 0 } }, 3)]).toEqual([[4], [1]]);
    expect(offsets({ since: { epoch, offset: 4 } }, 3)).toEqual([]);
  });

  it('has a number of rows from 1 to 10,000', () => {
    expect(['1', '10000', null, '0', '10001', '', '-1', '1.5', 'x', ' 1'].map((text) => pageSize(text, 5))).toEqual([
      1, 10000, 5, null, null, null, null, null, null, null,
    ]);
  });
});
