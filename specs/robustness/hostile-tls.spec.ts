// What comes to a TLS port that is no TLS, or hardly: damaged ClientHellos and records, plain HTTP, nothing at all, byte by byte, and thousands of
// connections that go in the middle of a handshake; TLS where none is spoken; and a flood of pings from a peer that reads nothing. Each has an end
// in its time and a bounded price, while a good client beside them has each of its messages.
//
// Damage says its seed; `SLUICE_SEED=<seed>` replays that connection alone.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { once } from 'node:events';
import { Random } from '@sluice/transport-memory';
import { liveChannels } from '@sluice/transport-tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GoodClient } from '../support/good-client.ts';
import { mutate } from '../support/mutations.ts';
import { clientFrame, handshakeFor } from '../support/raw-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { tlsSettings } from '../support/secure.ts';
import { patienceMs } from '../support/patience.ts';

const handshakeTimeoutMs = 700;
const windowBytes = 64 * 1024;

let running: RunningGateway;
let good: GoodClient;
let securePort: number;
beforeEach(async () => {
  running = await runGateway({
    tls: false,
    config: {
      tls: await tlsSettings(),
      https: ['127.0.0.1:0'],
      log: { level: 'warn', access: false },
      timeouts: { handshakeTimeoutMs, closeTimeoutMs: 700 },
      windows: { outboundBytes: windowBytes, sharedWriteBytes: 8192 },
    },
  });
  securePort = running.gateway.https[0]!.port;
  good = await GoodClient.start(running.gateway.http[0]!);
});

/** The good client has noticed nothing, and everything is as it was. */
afterEach(async () => {
  const { registry, pool } = running.gateway;
  await good.stop();
  expect(good.beats).toBeGreaterThan(0);
  await eventually('all connections closed', () => registry.size === 0);
  expect(registry.closes().get('internalError')).toBe(0);
  expect(running.lines.filter(({ message }) => message === 'a session failed')).toEqual([]);
  expect(liveChannels()).toBe(0);
  await running.stop();
  await eventually('nothing outstanding', () => pool.outstanding().bytes === 0 && pool.outstanding().handles === 0);
});

function clear(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.resume();
  return socket;
}

/** Sends it, and waits until the other side has closed; how long that took in ms. */
async function endOf(socket: Socket, bytes: Buffer | string, fin: boolean): Promise<number> {
  const startedAt = performance.now();
  if (fin) socket.end(bytes);
  else socket.write(bytes);
  const timer = setTimeout(() => socket.destroy(new Error('no end')), patienceMs());
  await new Promise<void>((resolve, reject) => {
    // Being reset is an end, too: whoever is cut off for his slowness is.
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === undefined ? reject(error) : resolve()));
    socket.on('close', () => resolve());
  });
  clearTimeout(timer);
  return performance.now() - startedAt;
}

/** What a client that knows its way says first, and a record more behind it. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connectSecure({ port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['http/1.1'] });
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  server.close();
  return hello;
}

it('damaged hellos and records are refused, each in its time', async () => {
  const hello = await clientHello();
  const records = [hello, Buffer.concat([hello, Buffer.from('140303000101', 'hex'), hello.subarray(0, 5), Buffer.alloc(60, 7)]), Buffer.from('15030300020100', 'hex'), Buffer.alloc(200, 0x16)];
  const replayed = process.env['SLUICE_SEED'];
  let next = replayed === undefined ? 1 : Number(replayed);
  const last = replayed === undefined ? 1500 : next;
  const failures: string[] = [];
  const send = async (): Promise<void> => {
    while (next <= last && failures.length === 0) {
      const seed = next++;
      const random = new Random(seed, 0x715);
      const bytes = mutate(random, records[random.below(records.length)]!, records);
      await endOf(clear(securePort), bytes, random.below(4) > 0).catch((error: unknown) => failures.push(`seed ${seed}: ${String(error)}`));
    }
  };
  await Promise.all(Array.from({ length: 40 }, send));
  expect(failures).toEqual([]);
  const closes = running.gateway.registry.closes();
  if (replayed === undefined) for (const reason of ['tlsFailed', 'handshakeTimeout'] as const) expect(closes.get(reason), reason).toBeGreaterThan(20);
});

it('plain HTTP on the TLS port ends at once, and TLS on the plain port is no request', async () => {
  const http = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (let i = 0; i < 20; i++) expect(await endOf(clear(securePort), http, false)).toBeLessThan(handshakeTimeoutMs);
  expect(running.gateway.registry.closes().get('tlsFailed')).toBe(20);
  const secure = connectSecure({ port: running.gateway.http[0]!.port, host: '127.0.0.1' });
  const [error] = (await once(secure, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toMatch(/SSL|ECONNRESET/);
  secure.destroy();
  await eventually('it was refused', () => running.gateway.registry.closes().get('protocolError') === 1);
});

it('whoever says nothing, or says hello byte by byte, has the time of a handshake and no more', async () => {
  const hello = await clientHello();
  const slow = Array.from({ length: 20 }, (_, index) => {
    const socket = clear(securePort);
    let at = 0;
    const drip = setInterval(() => index % 2 === 0 && socket.write(hello.subarray(at, ++at)), 10);
    return endOf(socket, '', false).finally(() => clearInterval(drip));
  });
  for (const afterMs of await Promise.all(slow)) expect(afterMs).toBeGreaterThan(handshakeTimeoutMs * 0.9);
  await eventually('all were counted', () => running.gateway.registry.closes().get('handshakeTimeout') === 20);
});

it('2,000 connections that go in the middle of a handshake leave nothing', async () => {
  const hello = await clientHello();
  const before = process.memoryUsage().rss;
  let left = 2000;
  const visit = async (): Promise<void> => {
    while (left-- > 0) {
      const how = left % 3;
      const socket = clear(securePort);
      await once(socket, 'connect');
      socket.write(how === 0 ? hello.subarray(0, 1 + (left % hello.length)) : hello);
      if (how === 1) await once(socket, 'data');
      if (left % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: 50 }, visit));
  await eventually('they are gone', () => running.gateway.registry.size === 2);
  expect(liveChannels()).toBe(0);
  // 2,000 handshakes' state would be more than that.
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
});

it('a flood of pings over TLS from a peer that reads nothing has few answers, as RFC 6455 section 5.5.3 allows, and no price', async () => {
  const { registry } = running.gateway;
  const socket = connectSecure({ port: securePort, host: '127.0.0.1', servername: 'localhost' });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.pause();
  const handshake = handshakeFor('/topics/flooded');
  socket.write(handshake);
  const pings = Buffer.concat(Array.from({ length: 4000 }, () => clientFrame(0x89, Buffer.alloc(125))));
  const rounds = 40;
  for (let i = 0; i < rounds; i++) socket.write(pings);
  let most = 0;
  const flooded = () => [...registry.all()].find(({ endpoint }) => endpoint.secureSession !== undefined);
  await eventually(
    'all of it was read',
    () => {
      most = Math.max(most, flooded()?.queuedBytes ?? 0);
      return flooded()?.endpoint.bytesIn === handshake.length + rounds * pings.length;
    },
  );
  const { beats } = good;
  await eventually('the good client goes on', () => good.beats > beats + 10);
  expect(most).toBeLessThanOrEqual(windowBytes);
  // One for each piece that was read at most, and the last at least.
  expect(flooded()!.endpoint.bytesOut).toBeGreaterThan(127);
  expect(flooded()!.endpoint.bytesOut).toBeLessThan((rounds * pings.length) / 50);
  socket.destroy();
});
