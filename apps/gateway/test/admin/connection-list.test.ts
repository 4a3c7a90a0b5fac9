import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listConnections, type ConnectionFilter } from '../../src/admin/connection-list.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start();
});
afterEach(() => running.stop());

function list(filter: Partial<ConnectionFilter> = {}) {
  return listConnections(running.gateway.registry, { state: null, protocol: null, peer: null, topic: null, limit: 100, ...filter }, running.network.clock.now());
}

/** One that has said nothing yet, one of HTTP, a topic socket, an echo, an event stream. */
function populate(): void {
  running.connect();
  running.connect().request('GET /topics/news?limit=1');
  running.connect().upgrade('/topics/news');
  running.connect().upgrade('/echo');
  running.connect().request('GET /topics/news.%3E', 'Accept: text/event-stream');
  running.pass(1);
}

describe('listConnections', () => {
  it('describes a connection', () => {
    const client = running.connect();
    client.upgrade('/topics/news');
    running.pass(1500);
    expect(list()).toEqual({
      total: 1,
      matched: 1,
      connections: [
        {
          id: [...running.gateway.registry.all()][0]!.id,
          state: 'established(inbound.flowing outbound.clear)',
          protocol: 'websocket',
          peer: `127.0.0.1:${client.endpoint.local.port}`,
          ageMs: 1500,
          queuedBytes: 0,
          bytesIn: client.endpoint.bytesOut,
          bytesOut: client.endpoint.bytesIn,
          topics: ['news'],
        },
      ],
    });
  });

  it('puts an IPv6 address in brackets', async () => {
    await running.stop();
    running = await GatewayInMemory.start({ http: ['[::1]:0'] });
    const client = running.connect();
    running.pass(1);
    expect(list().connections[0]?.peer).toBe(`[::1]:${client.endpoint.local.port}`);
    expect(list({ peer: '::1' }).matched).toBe(1);
  });

  it('shows bytes that wait for a slow peer', () => {
    const client = running.connect();
    client.upgrade('/topics/news');
    client.endpoint.setReading(false);
    const poster = running.connect();
    for (let i = 0; i < 20; i++) poster.request('POST /topics/news', 'Content-Length: 10000', '', 'x'.repeat(10_000 - 4));
    expect(list({ topic: 'news' }).connections[0]?.queuedBytes).toBeGreaterThan(100_000);
  });

  it.each<[string, Partial<ConnectionFilter>, number]>([
    ['nothing', {}, 5],
    ['the state', { state: 'established' }, 4],
    ['the state before that', { state: 'handshake' }, 1],
    ['the state as it is shown', { state: 'established(inbound.flowing outbound.clear)' }, 4],
    ['a state that none is in', { state: 'established(inbound.flowing outbound.choked)' }, 0],
    ['the protocol', { protocol: 'http' }, 2],
    ['another protocol', { protocol: 'sse' }, 1],
    ['the topic', { topic: 'news' }, 1],
    ['the pattern, literally', { topic: 'news.>' }, 1],
    ['both', { protocol: 'websocket', topic: 'news' }, 1],
    ['the address', { peer: '127.0.0.1' }, 5],
  ])('filters by %s', (_what, filter, matched) => {
    populate();
    expect(list(filter)).toMatchObject({ total: 5, matched });
    expect(list(filter).connections).toHaveLength(matched);
  });

  it('gives no more rows than asked for, the oldest, and counts all the same', () => {
    populate();
    const all = list().connections;
    expect(list({ limit: 2 })).toEqual({ total: 5, matched: 5, connections: all.slice(0, 2) });
  });
});
