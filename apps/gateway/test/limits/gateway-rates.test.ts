// What clients of a gateway see that are over their address's rate, by each protocol. The network in memory has one peer address, that of
// the listener; here it is not loopback.

import { afterEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

const start = async (limits: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<void> => {
  memory = await GatewayInMemory.start({ http: ['memory:0'], insecure: true, limits, ...more });
};
const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);
const metric = (line: string): number => Number(new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(memory.gateway.metrics.format())?.[1]);

describe('messages over the rate', () => {
  it('are answered 429 over HTTP, with when to come back, and counted; the connection goes on', async () => {
    await start({ peerMessagesPerSecond: 10, maxPeerMessageBurst: 3 });
    const client = memory.connect();
    const post = (): string => client.request('POST /topics/news', 'Content-Length: 0');
    expect([post(), post(), post()].map(statusOf)).toEqual([200, 200, 200]);
    const refused = post();
    expect(refused).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
    expect(refused).toMatch(/\r\nRetry-After: 1\r\n/);
    expect(refused).toContain('"detail":"Too many messages: 10 a second are allowed from one address."');
    expect(statusOf(client.request('GET /topics/news'))).toBe(200);
    expect(statusOf(client.request('POST /tags/team', 'Content-Length: 0'))).toBe(429);
    memory.pass(100);
    expect(statusOf(post())).toBe(200);
    expect(metric('sluice_rate_limited_total{what="message"}')).toBe(2);
    expect(metric('sluice_rate_peers')).toBe(1);
    memory.pass(3000);
    expect(metric('sluice_rate_peers')).toBe(0);
  });

  it('close a WebSocket with 4429 and when to come back; others of the address are left alone', async () => {
    await start({ peerMessagesPerSecond: 10, maxPeerMessageBurst: 3 });
    const [loud, quiet] = [memory.connect(), memory.connect()];
    for (const client of [loud, quiet]) client.upgrade('/topics/news');
    memory.pass(1);
    for (let i = 0; i < 5; i++) loud.sendFrame(String(i));
    memory.pass(10);
    const text = '\x11\x4dToo many messages: 10 a second are allowed from one address. retry-after-ms=100';
    expect(loud.frames().at(-1)).toEqual({ opcode: 8, payload: text });
    expect(quiet.frames().map(({ payload }) => payload)).toEqual(['0', '1', '2']);
    loud.sendFrame('\x03\xf0', 8);
    memory.pass(1000);
    expect(memory.gateway.registry.closes().get('rateLimited')).toBe(1);
    expect(memory.gateway.registry.size).toBe(1);
    quiet.sendFrame('later');
    memory.pass(10);
    expect(quiet.frames().map(({ payload }) => payload)).toEqual(['later']);
  });

  it('are still messages of a topic to the list of connections', async () => {
    await start({});
    memory.connect().upgrade('/topics/news');
    memory.pass(1);
    const reply = memory.connectAdmin().request('GET /connections?topic=news');
    expect(reply).toContain('"matched":1,');
  });
});

describe('connections over the rate', () => {
  it('are answered 429 and closed; those that are open go on', async () => {
    await start({ peerConnectionsPerSecond: 10, maxPeerConnectionBurst: 2 });
    const [first, second] = [memory.connect(), memory.connect()];
    const third = memory.connect();
    const refused = third.reply();
    expect(refused).toMatch(/^HTTP\/1\.1 429 /);
    expect(refused).toMatch(/\r\nRetry-After: 1\r\n/);
    expect(refused).toContain('"detail":"Too many connections: 10 a second are allowed from one address."');
    memory.pass(10);
    expect(third.hasEnded).toBe(true);
    for (const client of [first, second]) expect(statusOf(client.request('GET /topics/news'))).toBe(200);
    expect(metric('sluice_rate_limited_total{what="connection"}')).toBe(1);
    memory.pass(100);
    expect(statusOf(memory.connect().request('GET /topics/news'))).toBe(200);
    expect(memory.gateway.registry.closes().get('rateLimited')).toBe(1);
  });

  it('of the admin listener are not counted', async () => {
    await start({ peerConnectionsPerSecond: 10, maxPeerConnectionBurst: 1, exemptLoopback: false });
    for (let i = 0; i < 5; i++) expect(statusOf(memory.connectAdmin().request('GET /healthz'))).toBe(200);
  });
});

describe('who is exempt', () => {
  it('by default, is this machine', async () => {
    const one = { peerMessagesPerSecond: 1, maxPeerMessageBurst: 1, peerConnectionsPerSecond: 1, maxPeerConnectionBurst: 1 };
    await start(one, { http: ['127.0.0.1:0'] });
    for (let i = 0; i < 5; i++) expect(statusOf(memory.connect().request('POST /topics/news', 'Content-Length: 0'))).toBe(200);
    await memory.stop();
    await start({ ...one, exemptLoopback: false }, { http: ['127.0.0.1:0'] });
    expect(statusOf(memory.connect().request('POST /topics/news', 'Content-Length: 0'))).toBe(200);
    expect(memory.connect().reply()).toMatch(/^HTTP\/1\.1 429 /);
    await memory.stop();
    await start({ ...one, exemptLoopback: false, exemptPeers: ['127.0.0.0/8'] }, { http: ['127.0.0.1:0'] });
    for (let i = 0; i < 5; i++) expect(statusOf(memory.connect().request('POST /topics/news', 'Content-Length: 0'))).toBe(200);
  });

  it('is nobody, where everybody is let through', async () => {
    await start({ peerMessagesPerSecond: 0, peerConnectionsPerSecond: 0 });
    for (let i = 0; i < 600; i++) memory.connect();
    const client = memory.connect();
    client.upgrade('/echo');
    for (let i = 0; i < 3000; i++) client.sendFrame('x');
    expect(client.messages(3000)).toHaveLength(3000);
  });
});
