import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ByteRates } from '../../src/inspection/byte-rates.ts';
import { connectionPage, sortKeys } from '../../src/inspection/connection-table.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest } from './admin-client.ts';

let running: GatewayInMemory;
let rates: ByteRates;
beforeEach(async () => {
  running = await GatewayInMemory.start();
  rates = new ByteRates(running.gateway.registry);
});
afterEach(() => running.stop());

const page = (query = '') =>
  connectionPage(new URLSearchParams(query), { registry: running.gateway.registry, rates, nowMs: running.network.clock.now(), wallMs: 5 });
const ids = (query: string) => page(query).connections.map(({ id }) => id);

/** One of plain HTTP, a topic socket with tags, an event stream, one that is choked. */
function populate(): number[] {
  const { gateway } = running;
  running.connect().request('GET /topics/a?limit=1');
  running.pass(10);
  running.connect().upgrade('/topics/news?tag=x&tag=y');
  running.pass(10);
  running.connect().request('GET /topics/news.%3E', 'Accept: text/event-stream');
  running.pass(10);
  const slow = running.connect();
  slow.upgrade('/topics/flood');
  slow.endpoint.setReading(false);
  const payload = Buffer.alloc(60_000, 'x');
  for (let i = 0; i < 15; i++) gateway.hub.publish('flood', payload, 0, payload.length, 'text');
  newest(running).send('OUTBOUND.FULL');
  running.pass(10);
  return [...gateway.registry.all()].map(({ id }) => id);
}

describe('connectionPage', () => {
  it('has a row for each connection, oldest first', () => {
    const [http, socket, stream, slow] = populate();
    expect(page()).toMatchObject({ total: 4, matched: 4, offset: 0, atMs: 5, connections: [{ id: http, protocol: 'http', topics: [], name: null }, { id: socket, tags: ['x', 'y'] }, { id: stream, protocol: 'sse' }, { id: slow }] });
    expect(page().connections[1]).toMatchObject({ sessionId: `connection:${socket}`, state: 'established(inbound.flowing outbound.clear)', phase: 'established', topics: ['news'], topicCount: 1, ageMs: expect.any(Number) as number });
  });

  it.each<[string, number[]]>([
    ['phase=established', [0, 1, 2, 3]],
    ['phase=draining', []],
    ['state=established.outbound.choked', [3]],
    ['state=established(inbound.flowing+outbound.clear)', [0, 1, 2]],
    ['protocol=websocket', [1, 3]],
    ['peer=127.0.0.1&protocol=sse', [2]],
    ['peer=10.0.0.1', []],
    ['topic=news', [1]],
    ['topic=news.%3E', [2]],
    ['tag=y', [1]],
    ['tag=z', []],
    ['q=NEWS', [1, 2]],
    ['q=choked', [3]],
    ['q=', [0, 1, 2, 3]],
  ])('?%s', (query, matched) => {
    const all = populate();
    expect(ids(query)).toEqual(matched.map((index) => all[index]));
    expect(page(query)).toMatchObject({ total: 4, matched: matched.length });
  });

  it.each(sortKeys)('sorts by %s, both ways, and pages through all of them', (sort) => {
    const all = populate();
    running.pass(2000);
    const up = ids(`sort=${sort}`);
    const down = ids(`sort=${sort}&order=desc`);
    expect(up.toSorted((a, b) => a - b)).toEqual(all);
    expect([0, 1, 2, 3].flatMap((offset) => ids(`sort=${sort}&offset=${offset}&limit=1`))).toEqual(up);
    expect(down.toSorted((a, b) => a - b)).toEqual(all);
    if (sort === 'queued') expect([up.at(-1), down[0]]).toEqual([all[3], all[3]]);
    if (sort === 'age') expect(down).toEqual(all);
    if (sort === 'id') expect(down).toEqual(all.toReversed());
  });
});
