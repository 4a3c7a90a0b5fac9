// The `ws` package as a client.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { Inbox } from '../support/inbox.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';

interface Received {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

let running: RunningGateway;
const open: WebSocket[] = [];

beforeEach(async () => {
  running = await runGateway();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await running.stop();
  await eventually('nothing is held', () => running.gateway.pool.outstanding().bytes === 0);
});

async function connect(path: string, options: ClientOptions = {}, protocols: string[] = []): Promise<{ socket: WebSocket; inbox: Inbox<Received> }> {
  const socket = new WebSocket(running.wsUrl + path, protocols, options);
  open.push(socket);
  const inbox = new Inbox<Received>();
  socket.on('message', (data: Buffer, isBinary) => inbox.push({ data, isBinary }));
  await once(socket, 'open');
  return { socket, inbox };
}

const options: readonly (readonly [string, ClientOptions])[] = [
  ['without compression', { perMessageDeflate: false }],
  ['with permessage-deflate', { perMessageDeflate: { threshold: 0 } }],
  ['with a window of 512 bytes each way', { perMessageDeflate: { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 } }],
];

describe.each(options)('%s', (name, settings) => {
  it('what one publishes, both get, text as text and binary as binary', async () => {
    const one = await connect('/topics/news', settings);
    const two = await connect('/topics/news', settings);
    expect(one.socket.extensions.includes('permessage-deflate')).toBe(name !== 'without compression');
    const sent = ['hello', 'grüß € 𝄞', '', randomBytes(5), 'long '.repeat(20_000), randomBytes(200_000), Buffer.alloc(0)];
    for (const data of sent) one.socket.send(data);
    for (const { inbox } of [one, two]) {
      const received = await inbox.take(sent.length);
      expect(received.map(({ isBinary }) => isBinary)).toEqual(sent.map((data) => typeof data !== 'string'));
      for (const [at, data] of sent.entries()) expect(received[at]!.data.equals(Buffer.from(data as string))).toBe(true);
    }
  });

  it('fragments, with a ping between them', async () => {
    const { socket, inbox } = await connect('/echo', settings);
    socket.send('one ', { fin: false });
    socket.ping('beat');
    const [pong] = (await once(socket, 'pong')) as [Buffer];
    expect(pong.toString()).toBe('beat');
    socket.send('two', { fin: true });
    expect((await inbox.next()).data.toString()).toBe('one two');
  });

  it('a thousand echoes in flight come back in order', async () => {
    const { socket, inbox } = await connect('/echo', settings);
    for (let count = 0; count < 1000; count++) socket.send(`message ${count}`);
    const received = await inbox.take(1000);
    expect(received.map(({ data }) => data.toString())).toEqual(Array.from({ length: 1000 }, (_, count) => `message ${count}`));
  });
});

describe('sluice.v1', () => {
  it('gets envelopes, and what is posted over HTTP', async () => {
    const { socket, inbox } = await connect('/topics/news', {}, ['sluice.v1']);
    expect(socket.protocol).toBe('sluice.v1');
    const next = async () => JSON.parse((await inbox.next()).data.toString()) as Record<string, unknown>;
    expect(await next()).toMatchObject({ type: 'subscribed', offset: 0 });
    const reply = await fetch(`${running.url}/topics/news`, { method: 'POST', body: 'posted' });
    const { epoch } = (await reply.json()) as { epoch: string };
    expect(await next()).toMatchObject({ topic: 'news', epoch, offset: 1, data: 'posted' });
    socket.send(Buffer.from([1, 2, 255]));
    expect(await next()).toMatchObject({ topic: 'news', epoch, offset: 2, base64: 'AQL/' });
  });

  it('resumes from a position, and is told of a gap', async () => {
    const offsets: string[] = [];
    for (let count = 1; count <= 3; count++) {
      const reply = await fetch(`${running.url}/topics/news`, { method: 'POST', body: String(count) });
      const { epoch, offset } = (await reply.json()) as { epoch: string; offset: number };
      offsets.push(`${epoch}:${offset}`);
    }
    const resumed = await connect(`/topics/news?since=${offsets[0]}`, {}, ['sluice.v1']);
    const documents = (await resumed.inbox.take(3)).map(({ data }) => JSON.parse(data.toString()) as Record<string, unknown>);
    expect(documents).toMatchObject([{ type: 'resumed' }, { data: '2' }, { data: '3' }]);
    const lost = await connect('/topics/news?since=t0000:7', {}, ['sluice.v1']);
    const told = (await lost.inbox.take(5)).map(({ data }) => JSON.parse(data.toString()) as Record<string, unknown>);
    expect(told).toMatchObject([{ type: 'resumed' }, { type: 'gap', reason: 'epochChanged' }, { data: '1' }, { data: '2' }, { data: '3' }]);
  });
});

describe('the end', () => {
  it.each([
    [1000, ''],
    [1001, 'leaving'],
    [4321, 'grüß'],
  ])('the client closes with %i: it is answered with the same', async (code, reason) => {
    const { socket } = await connect('/topics/news');
    socket.close(code, reason);
    const [answered] = (await once(socket, 'close')) as [number];
    expect(answered).toBe(code);
    await eventually('it is counted', () => running.gateway.registry.closes().get('peerClosed') === 1);
  });

  it('a drain is 1001', async () => {
    const { socket } = await connect('/topics/news');
    for (const connection of running.gateway.registry.all()) connection.drain();
    expect((await once(socket, 'close'))[0]).toBe(1001);
    await eventually('it is counted', () => running.gateway.registry.closes().get('drained') === 1);
  });

  it('a message over 1 MiB is 1009', async () => {
    const { socket } = await connect('/topics/news');
    socket.send(Buffer.alloc(1024 * 1024 + 1));
    expect((await once(socket, 'close'))[0]).toBe(1009);
  });

  it('a client that is cut off is noticed', async () => {
    const { socket } = await connect('/topics/news');
    socket.terminate();
    await eventually('its subscription is gone', () => running.gateway.hub.stats().subscriptions === 0);
  });

  it('a refusal has its status', async () => {
    const refused = new WebSocket(`${running.wsUrl}/topics/a..b`);
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(400);
    refused.on('error', () => {});
    refused.terminate();
  });
});

it('the mirror gives everything to everyone, in one order', async () => {
  const members = [await connect('/mirror'), await connect('/mirror'), await connect('/mirror')];
  for (let count = 0; count < 200; count++) for (const [at, { socket }] of members.entries()) socket.send(`${at}/${count}`);
  const orders: string[] = [];
  for (const { inbox } of members) orders.push((await inbox.take(600)).map(({ data }) => data.toString()).join(' '));
  expect(orders[1]).toBe(orders[0]);
  expect(orders[2]).toBe(orders[0]);
  expect(new Set(orders[0]!.split(' ')).size).toBe(600);
});
