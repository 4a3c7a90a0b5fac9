// The admin listener of a running gateway: metrics, health, connections, its token.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeReasons } from '@sluice/connection';
import { WebSocket } from 'ws';
import { WirePeer } from '../support/wire-peer.ts';
import { parseMetrics, type Metrics } from '../support/prometheus.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';

let running: RunningGateway;
const peers: WirePeer[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
  running = await runGateway();
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  for (const socket of sockets.splice(0)) socket.terminate();
  await eventually('all have gone', () => running.gateway.hub.stats().subscriptions === 0);
});
afterAll(() => running.stop());

async function openStream(topic: string): Promise<WirePeer> {
  const peer = await WirePeer.connect(running.port);
  peers.push(peer);
  peer.request(`GET /topics/${topic} HTTP/1.1`, 'Accept: text/event-stream');
  await peer.head();
  return peer;
}

async function openSocket(topic: string): Promise<WebSocket> {
  const socket = new WebSocket(`${running.wsUrl}/topics/${topic}`);
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

async function scrape(): Promise<Metrics> {
  const reply = await fetch(`${running.adminUrl}/metrics`);
  expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseMetrics(await reply.text());
}

describe('/metrics', () => {
  it('is Prometheus text: each metric with help and type, counters that count up', async () => {
    const { families } = await scrape();
    expect(families.size).toBeGreaterThan(10);
    const histogram = 'sluice_event_loop_delay_seconds';
    for (const [name, { help, type, samples }] of families) {
      if (name.startsWith(`${histogram}_`)) continue;
      expect(help).not.toBe('');
      expect(type).toBe(name === histogram ? 'histogram' : name.endsWith('_total') ? 'counter' : 'gauge');
      if (name !== histogram) expect(samples).toBeGreaterThan(0);
    }
  });

  it.runIf(spawnSync('promtool', ['--version']).status === 0)('passes promtool check metrics', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: running.gateway.metrics.format(), encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it('counts connections by state and protocol', async () => {
    await openSocket('counted');
    await openSocket('counted');
    await openStream('counted');
    const { value } = await scrape();
    expect(value('sluice_connections', { state: 'established', protocol: 'websocket' })).toBe(2);
    expect(value('sluice_connections', { state: 'established', protocol: 'sse' })).toBe(1);
    expect(value('sluice_connections', { state: 'draining', protocol: 'websocket' })).toBe(0);
    expect(value('sluice_subscriptions')).toBe(3);
  });

  it('counts closes by reason, every reason there is', async () => {
    const before = await scrape();
    for (const reason of closeReasons) expect(before.value('sluice_closes_total', { reason })).toBeGreaterThanOrEqual(0);
    const peer = await WirePeer.connect(running.port);
    peer.send('NONSENSE\r\n\r\n');
    await peer.reply();
    await peer.rest();
    peer.end();
    const closed = (): number => running.gateway.registry.closes().get('protocolError') ?? 0;
    await eventually('it has closed', () => closed() === before.value('sluice_closes_total', { reason: 'protocolError' })! + 1);
    expect((await scrape()).value('sluice_closes_total', { reason: 'protocolError' })).toBe(closed());
  });

  it('counts messages and bytes in and out', async () => {
    const socket = await openSocket('bytes');
    await openSocket('bytes');
    const before = await scrape();
    const grown = async (name: string): Promise<number> => (await scrape()).value(name)! - before.value(name)!;
    socket.send('x'.repeat(1000), { compress: false });
    await once(sockets[1]!, 'message');
    expect(await grown('sluice_messages_in_total')).toBe(1);
    expect(await grown('sluice_messages_out_total')).toBe(2);
    expect(await grown('sluice_bytes_in_total')).toBe(1008);
    expect(await grown('sluice_bytes_out_total')).toBeGreaterThan(0);
    expect((await scrape()).value('sluice_topics')).toBeGreaterThanOrEqual(1);
    expect((await scrape()).value('sluice_history_bytes')).toBeGreaterThanOrEqual(1000);
    expect((await scrape()).value('sluice_pool_outstanding_bytes')).toBeGreaterThanOrEqual(1000);
  });

  it('shows what waits for a slow peer', async () => {
    const slow = await openStream('slow');
    slow.socket.pause();
    for (let count = 0; count < 20; count++) await fetch(`${running.url}/topics/slow`, { method: 'POST', body: Buffer.alloc(500_000, 'x') });
    const { closes, queued } = { closes: running.gateway.registry.closes().get('slowConsumer') ?? 0, queued: (await scrape()).value('sluice_queued_bytes')! };
    expect(closes + queued).toBeGreaterThan(0);
    expect(queued).toBeLessThan(3 * 1024 * 1024);
  });

  it('has the event loop’s delay in seconds and the process’s memory', async () => {
    const { value } = await scrape();
    await eventually('a delay was measured', () => running.gateway.metrics.format().match(/^sluice_event_loop_delay_seconds_count (\d+)/m)?.[1] !== '0');
    expect(value('sluice_event_loop_delay_seconds_bucket', { le: '10' })).toBeDefined();
    expect(value('sluice_event_loop_delay_max_seconds')).toBeLessThan(60);
    expect(value('sluice_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  });
});

describe('/connections', () => {
  interface Answer {
    readonly total: number;
    readonly matched: number;
    readonly connections: readonly Record<string, unknown>[];
  }
  const list = async (query = ''): Promise<Answer> => (await (await fetch(`${running.adminUrl}/connections${query}`)).json()) as Answer;

  it('tells of each: state, protocol, age, peer, queue, bytes, topics', async () => {
    await openStream('listed');
    const { connections } = await list('?protocol=sse');
    expect(connections).toEqual([
      {
        id: expect.any(Number) as number,
        state: expect.stringMatching(/^established/) as string,
        protocol: 'sse',
        peer: `127.0.0.1:${(peers[0]!.socket.address() as { port: number }).port}`,
        ageMs: expect.any(Number) as number,
        queuedBytes: 0,
        bytesIn: expect.any(Number) as number,
        bytesOut: expect.any(Number) as number,
        topics: ['listed'],
      },
    ]);
  });

  it('filters by protocol, topic, state and peer, and bounds the answer', async () => {
    for (const topic of ['a', 'a', 'b']) await openSocket(topic);
    await openStream('a');
    expect(await list('?protocol=websocket')).toMatchObject({ matched: 3 });
    expect(await list('?topic=a')).toMatchObject({ matched: 3 });
    expect(await list('?topic=a&protocol=websocket')).toMatchObject({ matched: 2 });
    expect(await list('?topic=a&state=established&peer=127.0.0.1')).toMatchObject({ matched: 3 });
    expect(await list('?state=draining')).toMatchObject({ matched: 0, connections: [] });
    expect(await list('?peer=10.0.0.1')).toMatchObject({ matched: 0 });
    const bounded = await list('?topic=a&limit=1');
    expect(bounded.matched).toBe(3);
    expect(bounded.connections).toHaveLength(1);
    expect(bounded.total).toBeGreaterThanOrEqual(4);
  });

  it.each(['0', '-1', 'x', '1.5', '10001'])('limit=%s: 400', async (limit) => {
    const reply = await fetch(`${running.adminUrl}/connections?limit=${limit}`);
    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('the listener', () => {
  it('answers health without a token, and nothing else', async () => {
    const guarded = await runGateway({ config: { auth: { adminToken: 'operator', tokens: ['client'] } } });
    const statusOf = async (path: string, token?: string): Promise<number> =>
      (await fetch(guarded.adminUrl + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await statusOf('/healthz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(200);
    for (const path of ['/metrics', '/connections', '/']) {
      expect(await statusOf(path)).toBe(401);
      expect(await statusOf(path, 'client')).toBe(401);
      expect(await statusOf(path, 'operator')).toBe(200);
      expect(await statusOf(`${path}?access_token=operator`)).toBe(401);
    }
    expect(await statusOf('/topics/news', 'operator')).toBe(404);
    await guarded.stop();
  });

  it('reads only', async () => {
    const reply = await fetch(`${running.adminUrl}/metrics`, { method: 'POST', body: 'x' });
    expect(reply.status).toBe(405);
    expect(reply.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });
});
