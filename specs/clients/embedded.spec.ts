// A gateway without a listener of its own, inside of a program with a node:http or node:https server that hands its upgrades over.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import * as Effect from 'effect/Effect';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { Inbox } from '../support/inbox.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { testAuthority } from '../support/secure.ts';

interface Received {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

let running: RunningGateway;
let server: Server;
let url: string;
const open: WebSocket[] = [];

async function embed(config: Record<string, unknown> = {}, secure = false): Promise<void> {
  running = await runGateway({ config: { http: [], admin: 'off', ...config }, tls: false });
  const own: RequestListener = (_request, response) => response.end("the program's own page");
  const identity = secure ? (await testAuthority()).server : null;
  server = identity === null ? createServer(own) : createSecureServer({ cert: identity.certificate, key: identity.key }, own);
  server.on('upgrade', (request, socket, head) => void running.gateway.adoptUpgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws${secure ? 's' : ''}://127.0.0.1:${port()}`;
}

const port = (): number => (server.address() as AddressInfo).port;

afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  server.close();
  await running.stop();
  expect(running.gateway.registry.size).toBe(0);
  await eventually('nothing is held', () => running.gateway.pool.outstanding().bytes === 0);
  await eventually("the program's server has closed too", () => !server.listening);
});

async function join(path: string, options: ClientOptions = {}): Promise<{ socket: WebSocket; inbox: Inbox<Received> }> {
  const socket = new WebSocket(url + path, options);
  open.push(socket);
  const inbox = new Inbox<Received>();
  socket.on('message', (data: Buffer, isBinary) => inbox.push({ data, isBinary }));
  await once(socket, 'open');
  return { socket, inbox };
}

/** The status of an answer that is no upgrade. */
async function refusal(path: string, options: ClientOptions = {}): Promise<number | undefined> {
  const socket = new WebSocket(url + path, options);
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  response.socket.destroy();
  return response.statusCode;
}

describe.each([
  ['node:http', false],
  ['node:https', true],
] as const)('upgrades of a %s server', (_what, secure) => {
  it('are sockets like any other: large messages, compression, many at once, each in its place in the counts', async () => {
    await embed({}, secure);
    const members = await Promise.all([false, true, false, true].map((compressed) => join('/topics/room', { perMessageDeflate: compressed && { threshold: 0 } })));
    const large = randomBytes(300_000);
    members[0]!.socket.send(large);
    members[1]!.socket.send('hello');
    for (const { inbox } of members) {
      const got = await inbox.take(2);
      expect(got.map(({ data }) => data).toSorted((a, b) => a.length - b.length)).toEqual([Buffer.from('hello'), large]);
    }
    expect(running.gateway.registry.counts()).toEqual([{ phase: 'established', protocol: 'websocket', count: 4 }]);
    for (const { endpoint } of running.gateway.registry.all()) {
      expect(endpoint.secureSession?.protocol).toBe(secure ? 'TLSv1.3' : undefined);
      expect(endpoint.peer.host).toBe('127.0.0.1');
    }
    const closed = members.map(({ socket }) => once(socket, 'close'));
    for (const { socket } of members) socket.close(1000);
    for (const [code] of await Promise.all(closed)) expect(code).toBe(1000);
    expect(running.gateway.registry.closes().get('peerClosed')).toBe(4);
  });

  it("leave the program's own requests alone", async () => {
    await embed({}, secure);
    await join('/topics/room');
    const answer = await fetch(`${url.replace('ws', 'http')}/`);
    expect(await answer.text()).toBe("the program's own page");
  });

  it('are judged by tokens, origins, limits and routes as everywhere', async () => {
    await embed({ auth: { tokens: ['open'] }, limits: { maxHeaders: 20 } }, secure);
    expect(await refusal('/topics/room')).toBe(401);
    const headers = { authorization: 'Bearer open' };
    expect(await refusal('/topics/room', { headers, origin: 'https://elsewhere.example' })).toBe(403);
    expect(await refusal('/nowhere', { headers })).toBe(404);
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x-${i}`, 'y']));
    expect(await refusal('/topics/room', { headers: { ...headers, ...many } })).toBe(431);
    await join('/topics/room', { headers });
  });
});

describe('a gateway inside of a program', () => {
  it('reads first what came together with the upgrade', async () => {
    await embed();
    const peer = connect(port(), '127.0.0.1');
    const received = new Inbox<Buffer>();
    peer.on('data', received.push);
    const upgrade = 'GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    peer.write(Buffer.concat([Buffer.from(upgrade), Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])]));
    let text = '';
    while (!text.endsWith('\x81\x02hi')) text += (await received.next()).toString('latin1');
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    peer.destroy();
  });

  it('has no place for more than it may hold, and says so', async () => {
    await embed({ limits: { maxConnections: 1 } });
    await join('/echo');
    expect(await refusal('/echo')).toBe(503);
  });

  it('does not answer to the name of a web page elsewhere while nothing guards it', async () => {
    await embed();
    expect(await refusal('/echo', { headers: { host: 'rebound.example' } })).toBe(421);
    await join('/echo');
  });

  it('closes an upgrade with a body, and goes on', async () => {
    await embed();
    const outcome = new Promise((resolve) => {
      request({ port: port(), headers: { connection: 'upgrade', upgrade: 'websocket', 'content-length': '2' } }, resolve).on('error', resolve).end('hi');
    });
    expect(await outcome).toMatchObject({ code: 'ECONNRESET' });
    expect(running.lines.find(({ message }) => message === 'an upgrade could not be taken over')).toMatchObject({ error: expect.stringContaining('body') });
    await join('/echo');
  });

  it('drains what it was brought, and takes no more', async () => {
    await embed();
    const { socket } = await join('/topics/room');
    const closed = once(socket, 'close');
    const draining = Effect.runPromise(running.gateway.drain);
    expect((await closed)[0]).toBe(1001);
    expect(await draining).toEqual({ drained: 1, aborted: 0 });
    expect(running.gateway.registry.draining).toMatchObject({ told: 1, left: 0 });
    const late = new WebSocket(`${url}/topics/room`);
    const [error] = (await once(late, 'error')) as [Error];
    expect(error.message).toMatch(/hang up|ECONNRESET/);
  });
});
