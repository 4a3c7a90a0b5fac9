// Refusals that a page in a browser can see, by the setting `refusals`: what is sent, and how it is counted and logged.

import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

async function connected(settings: Record<string, unknown> = {}): Promise<MemoryClient> {
  running = await GatewayInMemory.start({ refusals: 'inBand', ...settings });
  return running.connect();
}

const statusOf = (reply: string): number => Number(reply.slice(9, 12));
const handshake = ['Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

/** What a refused socket gets: one close frame. */
function closed(client: MemoryClient, path: string, ...fields: string[]): { code: number; reason: string } {
  client.upgrade(path, ...fields);
  running.pass(10);
  const frames = client.frames();
  expect(frames).toHaveLength(1);
  expect(frames[0]!.opcode).toBe(8);
  const payload = Buffer.from(frames[0]!.payload, 'latin1');
  return { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
}

describe('a WebSocket handshake', () => {
  it.each([
    ['/topics/news', { auth: { tokens: ['hush'] } }, [], 4401, 'Topics and tags of this gateway need a bearer token.'],
    ['/topics/news', {}, ['Origin: http://elsewhere'], 4403, /elsewhere/],
    ['/topics/a..b', {}, [], 4400, /a\.\.b/],
    ['/topics/news?tag=a&tag=b', { limits: { maxTagsPerConnection: 1 } }, [], 4429, / retry-after-ms=[0-9]+$/],
    ['/nothing', { demo: false }, [], 4404, /nothing here/],
  ])('to %s with %j %j is accepted and closed with %i and a reason', async (path, settings, fields, code, reason) => {
    const client = await connected(settings);
    expect(closed(client, path, ...fields)).toEqual({ code, reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) });
  });

  it('by the wrong name on a loopback listener is closed with 4421', async () => {
    const client = await connected();
    client.send(`${['GET /topics/news HTTP/1.1', 'Host: public.example', ...handshake].join('\r\n')}\r\n\r\n`);
    expect(statusOf(client.reply())).toBe(101);
    running.pass(10);
    expect(client.frames()[0]!.payload.slice(0, 2)).toBe('\x11\x45');
  });

  it('counts as refused, and the log says by which status', async () => {
    const client = await connected({ auth: { tokens: ['hush'] } });
    closed(client, '/topics/news');
    client.sendFrame('\x11\x31', 8);
    running.pass(1000);
    expect(running.gateway.registry.closes().get('refused')).toBe(1);
    expect(await running.lines()).toMatchObject([
      { log: 'request', target: '/topics/news', status: 101, refused: 401 },
      { log: 'close', protocol: 'websocket', reason: 'refused' },
    ]);
    expect(running.gateway.hub.stats().subscriptions).toBe(0);
  });

  it('publishes nothing that its client sends all the same', async () => {
    const client = await connected({ auth: { tokens: ['hush'] } });
    client.upgrade('/topics/news');
    client.sendFrame('not allowed');
    running.pass(10);
    expect(client.frames()).toHaveLength(1);
    expect(running.gateway.hub.stats().publications).toBe(0);
  });

  it('that does not hold itself is refused in HTTP', async () => {
    const client = await connected({ auth: { tokens: ['hush'] } });
    expect(statusOf(client.request('GET /topics/news', ...handshake.slice(0, 2)))).toBe(401);
    expect(statusOf(client.request('GET /topics/news', 'Authorization: Bearer hush', ...handshake.slice(0, 2)))).toBe(426);
  });

  it('that is good becomes a socket as ever', async () => {
    const client = await connected({ auth: { tokens: ['hush'] } });
    client.upgrade('/topics/news', 'Authorization: Bearer hush');
    client.sendFrame('hello');
    expect(client.messages(1)).toEqual(['hello']);
  });
});

describe('an event stream', () => {
  const accept = 'Accept: text/event-stream';
  const bodyOf = (reply: string): string => reply.slice(reply.indexOf('\r\n\r\n') + 4);

  it('is 200, with an event that says why and when to come back, and ends', async () => {
    const client = await connected({ auth: { tokens: ['hush'] } });
    const reply = client.request('GET /topics/news', accept);
    expect(statusOf(reply)).toBe(200);
    const [, retry, data] = /^retry: (\d+)\nevent: refused\ndata: (.*)\n\n$/.exec(bodyOf(reply))!;
    expect(retry).toBe('60000');
    expect(JSON.parse(data!)).toMatchObject({ status: 401, detail: 'Topics and tags of this gateway need a bearer token.' });
    running.pass(1);
    expect((await running.lines())[0]).toMatchObject({ status: 200, refused: 401 });
  });

  it('that is refused for now is told to come back when it may', async () => {
    const client = await connected({ limits: { maxTagsPerConnection: 1 }, drain: { retryHintMs: 1500, retryJitterMs: 0 } });
    expect(bodyOf(client.request('GET /topics/news?tag=a&tag=b', accept))).toMatch(/^retry: 1500\nevent: refused\n/);
  });
});

it('other requests are refused in HTTP', async () => {
  const client = await connected({ auth: { tokens: ['hush'] } });
  expect(statusOf(client.request('GET /topics/news'))).toBe(401);
  expect(statusOf(client.request('POST /topics/news', 'Accept: text/event-stream', 'Content-Length: 0'))).toBe(401);
});

it('is off unless it is set', async () => {
  const client = await connected({ refusals: 'http', auth: { tokens: ['hush'] } });
  expect(statusOf(client.request('GET /topics/news', ...handshake))).toBe(401);
  expect(statusOf(client.request('GET /topics/news', 'Accept: text/event-stream'))).toBe(401);
});
