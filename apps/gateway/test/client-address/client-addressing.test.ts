// What the parts of a gateway see of clients behind a trusted proxy. The network in memory has one peer address, 127.0.0.1: the proxy's.

import { afterEach, describe, expect, it } from 'vitest';
import { GatewayInMemory, configOf } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

const start = async (settings: Record<string, unknown>): Promise<void> => {
  memory = await GatewayInMemory.start({ trustedProxies: ['127.0.0.1'], insecure: true, ...settings });
};
const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);
const of = (address: string): string => `X-Forwarded-For: ${address}`;
const few = { peerMessagesPerSecond: 10, maxPeerMessageBurst: 3 };

describe('rates behind a proxy', () => {
  it('count the messages of each client, over one connection of the proxy', async () => {
    await start({ limits: few });
    const proxy = memory.connect();
    const post = (address: string): number => statusOf(proxy.request('POST /topics/news', 'Content-Length: 0', of(address)));
    expect(Array.from({ length: 5 }, () => post('203.0.113.1'))).toEqual([200, 200, 200, 429, 429]);
    expect([post('203.0.113.2'), post('203.0.113.1, 203.0.113.2')]).toEqual([200, 200]);
    expect(post('203.0.113.2, 203.0.113.1')).toBe(429);
  });

  it('count the messages of a WebSocket for the client of its handshake', async () => {
    await start({ limits: few });
    const [loud, other] = [memory.connect(), memory.connect()];
    loud.upgrade('/topics/news', of('203.0.113.1'));
    other.upgrade('/topics/news', of('203.0.113.2'));
    memory.pass(1);
    for (let i = 0; i < 4; i++) loud.sendFrame(String(i));
    other.sendFrame('mine');
    memory.pass(10);
    expect(loud.frames().at(-1)?.opcode).toBe(8);
    expect(other.frames().map(({ payload }) => payload)).toContain('mine');
  });

  it('do not count connections of the proxy', async () => {
    await start({ limits: { peerConnectionsPerSecond: 1, maxPeerConnectionBurst: 1, exemptLoopback: false } });
    for (let i = 0; i < 4; i++) expect(statusOf(memory.connect().request('GET /topics/news'))).toBe(200);
  });
});

describe('what is shown of a client behind a proxy', () => {
  it('is its address, and the proxy that it came through', async () => {
    await start({});
    memory.connect().upgrade('/topics/news', of('203.0.113.1'));
    memory.connect().upgrade('/topics/news', of('[2001:db8::1]:4711'));
    memory.pass(1);
    const admin = memory.connectAdmin();
    const list = admin.request('GET /connections?peer=203.0.113.1');
    expect(list).toContain('"matched":1');
    expect(list).toContain('"peer":"203.0.113.1","via":"127.0.0.1"');
    expect(admin.request('GET /inspection/connections?peer=2001:db8::1')).toContain('"peer":"[2001:db8::1]:4711"');
    const { id } = [...memory.gateway.registry.all()][0]!;
    const document = admin.request(`GET /inspection/connections/${id}`);
    expect(document).toContain('"peer":{"host":"203.0.113.1","port":0}');
    expect(document).toContain('"via":"127.0.0.1"');
  });
});

it('the access log has the client, the proxy, and what the client spoke; the close of a socket too', async () => {
  await start({});
  memory.connect().request('GET /topics/news', of('203.0.113.1'), 'X-Forwarded-Proto: https');
  const socket = memory.connect();
  socket.upgrade('/topics/news', of('203.0.113.2'));
  socket.endpoint.abort();
  memory.pass(10);
  const lines = await memory.lines();
  expect(lines.find(({ log }) => log === 'request')).toMatchObject({ peer: '203.0.113.1', via: '127.0.0.1', proto: 'https' });
  expect(lines.find(({ log }) => log === 'close')).toMatchObject({ peer: '203.0.113.2', via: '127.0.0.1', protocol: 'websocket' });
});

describe('an open loopback listener behind a proxy', () => {
  const loopback = { insecure: false };
  const get = (name: string, ...fields: string[]): string => {
    const client = memory.connect();
    client.send(`GET /topics/a HTTP/1.1\r\nHost: ${name}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`);
    return client.reply();
  };

  it('rejects requests of other machines, also when the proxy puts its own name into Host', async () => {
    await start(loopback);
    const refused = get('127.0.0.1:8080', of('203.0.113.1'));
    expect(statusOf(refused)).toBe(403);
    expect(refused).toContain('for 203.0.113.1: set auth.tokens.');
    expect(statusOf(get('127.0.0.1:8080', of('127.0.0.1')))).toBe(200);
    expect(statusOf(get('127.0.0.1:8080'))).toBe(200);
  });

  it('names the token first where it refuses a public name', async () => {
    await start(loopback);
    expect(get('app.example')).toMatch(/"status":421,"detail":"[^"]*app\.example is none: set auth\.tokens\. Behind a proxy, set trustedProxies too\. Listing an origin/);
  });

  it('serves them with a token, or where the origin of their host is listed', async () => {
    await start({ ...loopback, auth: { tokens: ['secret'] } });
    expect(statusOf(get('app.example', of('203.0.113.1'), 'Authorization: Bearer secret'))).toBe(200);
    await memory.stop();
    await start({ ...loopback, origins: ['https://app.example'] });
    expect(statusOf(get('app.example', of('203.0.113.1')))).toBe(200);
  });

  it('takes a page for its own by the scheme that the proxy names', async () => {
    await start({});
    const page = 'Origin: http://app.example';
    expect(statusOf(get('app.example', page, of('203.0.113.1')))).toBe(200);
    expect(statusOf(get('app.example', page, of('203.0.113.1'), 'X-Forwarded-Proto: https'))).toBe(403);
    expect(statusOf(get('app.example', 'Origin: https://app.example', of('203.0.113.1'), 'X-Forwarded-Proto: https'))).toBe(200);
  });
});

describe('a reload', () => {
  it('takes other proxies, and the other field', async () => {
    await start({ trustedProxies: [], limits: { ...few, exemptLoopback: false, maxPeerMessageBurst: 4 } });
    const { gateway } = memory;
    const proxy = memory.connect();
    const post = (...fields: string[]): number => statusOf(proxy.request('POST /topics/news', 'Content-Length: 0', ...fields));
    expect(Array.from({ length: 4 }, () => post(of('203.0.113.1')))).toEqual([200, 200, 200, 200]);
    const next = configOf({ insecure: true, limits: { ...few, exemptLoopback: false, maxPeerMessageBurst: 4 }, trustedProxies: ['127.0.0.1'], forwardedField: 'forwarded' });
    expect(gateway.reload(next)).toEqual([]);
    expect(Array.from({ length: 5 }, () => post('Forwarded: for=203.0.113.1'))).toEqual([200, 200, 200, 200, 429]);
    expect(post('Forwarded: for=203.0.113.2', of('203.0.113.1'))).toBe(200);
  });
});
