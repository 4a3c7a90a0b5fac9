// The gateway as a process: SIGTERM drains at a pace and within a deadline, a second one stops at once.

import { once } from 'node:events';
import { connect as connectClear } from 'node:net';
import { join } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildGateway, GatewayProcess } from '../support/gateway-process.ts';
import { makePeer, type PeerCertificate } from '../support/peer-certificates.ts';
import { testAuthority } from '../support/secure.ts';
import { WirePeer } from '../support/wire-peer.ts';
import { closeOf, closePayload, opcodes, openSocket } from '../support/websocket-wire.ts';
import { eventually } from '../support/running-gateway.ts';
import { patienceMs } from '../support/patience.ts';

let gateway: GatewayProcess;
let peer: PeerCertificate;
/** Who may come to the command listener. */
async function known(): Promise<object> {
  peer ??= await makePeer('peer', { nowMs: Date.now(), days: 1 });
  return { name: 'peer', thumbprint: peer.sha256 };
}

beforeAll(() => buildGateway());
afterEach(() => gateway.kill());

async function openSockets(count: number): Promise<{ codes: number[]; times: number[] }> {
  const seen = { codes: [] as number[], times: [] as number[] };
  const sockets = Array.from({ length: count }, () => new WebSocket(`${gateway.url.replace('http', 'ws')}/topics/news`, { perMessageDeflate: false }));
  for (const socket of sockets) {
    socket.on('close', (code) => {
      seen.codes.push(code);
      seen.times.push(performance.now());
    });
    socket.on('error', () => {});
  }
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  return seen;
}

const status = async (path: string): Promise<number> => (await fetch(gateway.adminUrl + path)).status;
const whileDraining = (): Promise<void> => eventually('it drains', () => gateway.lines.some(({ message }) => message === 'draining'));

describe('SIGTERM', () => {
  it('with nothing open: exit status 0 at once', async () => {
    gateway = await GatewayProcess.start();
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(gateway.lines.at(-1)).toMatchObject({ log: 'info', message: 'stopped', drained: 0, aborted: 0 });
  });

  it('SIGINT is the same', async () => {
    gateway = await GatewayProcess.start();
    gateway.signal('SIGINT');
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
  });

  it('tells sockets 1001, at the pace of the configuration, and takes nobody new', async () => {
    gateway = await GatewayProcess.start(['--drain-connections-per-second', '50']);
    const { codes, times } = await openSockets(40);
    const started = performance.now();
    gateway.signal('SIGTERM');
    await whileDraining();
    await expect(fetch(`${gateway.url}/topics/news`)).rejects.toThrow();
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(codes).toEqual(Array<number>(40).fill(1001));
    times.sort((a, b) => a - b);
    // 40 at 50 a second: spread over 0.7 to 0.8 s, and never many in one moment.
    expect(times.at(-1)! - started).toBeGreaterThan(600);
    // A client that is itself held up hears of several at once.
    const batches = patienceMs(1) < 2 ? times.length - 15 : 0;
    for (let at = 0; at < batches; at++) expect(times[at + 15]! - times[at]!).toBeGreaterThan(100);
    expect(gateway.lines.at(-1)).toMatchObject({ message: 'stopped', drained: 40, aborted: 0 });
  });

  it('is not ready meanwhile, and alive; event streams are told when to come back', async () => {
    gateway = await GatewayProcess.start(['--drain-retry-hint-ms', '4321', '--drain-retry-jitter-ms', '0']);
    const stream = await WirePeer.connect(gateway.port);
    stream.request('GET /topics/news HTTP/1.1', 'Accept: text/event-stream');
    await stream.head();
    const stubborn = await WirePeer.connect(gateway.port);
    await openSocket(stubborn, '/topics/news');
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
    gateway.signal('SIGTERM');
    expect((await closeOf(stubborn)).code).toBe(1001);
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
    const streamed: string[] = [];
    for (let chunk = await stream.chunk(); chunk !== ''; chunk = await stream.chunk()) streamed.push(chunk);
    expect(streamed.join('')).toMatch(/retry: 4321\n\n$/);
    expect(await stream.rest()).toBe('');
    stream.end();
    stubborn.sendFrame({ opcode: opcodes.close, payload: closePayload(1001) });
    await stubborn.rest();
    stubborn.end();
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
  });

  it('a request that is being answered is answered, and told to close', async () => {
    gateway = await GatewayProcess.start();
    const peer = await WirePeer.connect(gateway.port);
    peer.request('POST /topics/news HTTP/1.1', 'Content-Length: 5');
    peer.send('he');
    const idle = await WirePeer.connect(gateway.port);
    idle.request('GET /topics/news HTTP/1.1');
    await idle.reply();
    gateway.signal('SIGTERM');
    expect(await idle.rest()).toBe('');
    peer.send('llo');
    const reply = await peer.reply();
    expect(reply.status).toBe(200);
    expect(reply.headers.get('connection')).toBe('close');
    peer.end();
    idle.end();
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
  });

  it('says goodbye in each protocol at once, in the clear and over TLS, at the pace', async () => {
    const { directory } = await testAuthority();
    const tls = ['--tls-cert', join(directory, 'server.pem'), '--tls-key', join(directory, 'server.key'), '--https', '127.0.0.1:0'];
    const pace = ['--drain-connections-per-second', '20', '--drain-retry-hint-ms', '4321', '--drain-retry-jitter-ms', '0'];
    gateway = await GatewayProcess.start([...tls, ...pace, '--command', '127.0.0.1:0', '--command-peers-thumbprints', JSON.stringify([await known()])]);
    const portOf = (scheme: string): number => Number(new URL(gateway.addresses.find((one) => one.scheme === scheme)!.url).port);
    const over = async (scheme: string): Promise<WirePeer> => {
      const options = { port: portOf(scheme), host: '127.0.0.1', servername: 'localhost', allowHalfOpen: true };
      const socket = scheme === 'http' ? connectClear(options) : connectSecure({ ...options, ...(scheme === 'command tls' && { cert: peer.certificate, key: peer.key }) });
      await once(socket, scheme === 'http' ? 'connect' : 'secureConnect');
      return WirePeer.over(socket);
    };
    const told: number[] = [];
    const goodbyes: Promise<void>[] = [];
    const expecting = (said: Promise<void>): void => void goodbyes.push(said.then(() => void told.push(performance.now())));

    const unfinished: WirePeer[] = [];
    for (const scheme of ['http', 'https']) {
      const socket = await over(scheme);
      await openSocket(socket, '/topics/news');
      expecting(
        closeOf(socket).then(({ code, reason }) => {
          expect([code, reason]).toEqual([1001, expect.stringContaining('retry-after-ms=4321')]);
          socket.sendFrame({ opcode: opcodes.close, payload: closePayload(1001) });
          socket.end();
        }),
      );
      const stream = await over(scheme);
      stream.request('GET /topics/news HTTP/1.1', 'Accept: text/event-stream');
      await stream.head();
      expecting(
        (async () => {
          let text = '';
          for (let chunk = await stream.chunk(); chunk !== ''; chunk = await stream.chunk()) text += chunk;
          expect(text).toMatch(/retry: 4321\n\n$/);
          stream.end();
        })(),
      );
      const request = await over(scheme);
      request.request('POST /topics/other HTTP/1.1', 'Content-Length: 5');
      request.send('he');
      unfinished.push(request);
      expecting(
        request.reply().then(({ status: code, headers }) => {
          expect([code, headers.get('connection')]).toEqual([200, 'close']);
          request.end();
        }),
      );
    }
    const command = await over('command tls');
    await command.take('the greeting', (bytes) => (bytes.length >= 4 ? { value: null, length: 4 } : null));
    command.send('SUBSCRIBE news\r\nSequence: 1\r\n\r\nREMIND 60 later\r\nSequence: 2\r\n\r\n');
    await command.take('the reply', (bytes) => (bytes.includes('}') ? { value: null, length: bytes.indexOf('}') + 1 } : null));
    expecting(
      command.rest().then((text) => {
        expect(text).toBe('ERR: The connection ends before that time.\r\nSequence: 2\r\nSize: 0\r\n\r\nBYE: The gateway is stopping.\r\nRetry-After-Ms: 4321\r\nSize: 0\r\n\r\n');
        command.end();
        // The last to be told: all are draining.
        for (const request of unfinished) request.send('llo');
      }),
    );

    const started = performance.now();
    gateway.signal('SIGTERM');
    await Promise.all(goodbyes);
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(gateway.lines.at(-1)).toMatchObject({ message: 'stopped', drained: 7, aborted: 0 });
    // Two in each tenth of a second.
    expect(Math.max(...told) - started).toBeGreaterThan(250);
  });

  it('who does not go is cut off at the deadline, and it is said how many', async () => {
    gateway = await GatewayProcess.start(['--drain-deadline-ms', '300', '--timeouts-close-timeout-ms', '60000']);
    const silent = [await WirePeer.connect(gateway.port), await WirePeer.connect(gateway.port)];
    for (const peer of silent) await openSocket(peer, '/topics/news');
    const started = performance.now();
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - started).toBeGreaterThan(250);
    // Long before the time that a close may take.
    expect(performance.now() - started).toBeLessThan(50_000);
    expect(gateway.lines.at(-1)).toMatchObject({ message: 'stopped', aborted: 2 });
    for (const peer of silent) peer.destroy();
  });

  it('a second one stops at once, and whoever is open then is cut off, told to go or not', async () => {
    gateway = await GatewayProcess.start(['--drain-connections-per-second', '1']);
    const closes = (reason: string): number => gateway.lines.filter((line) => line['log'] === 'close' && line['reason'] === reason).length;
    // The first to come is the first to be told, and goes; the others do not go by themselves.
    const polite = await openSockets(1);
    const silent: WirePeer[] = [];
    for (let count = 0; count < 19; count++) {
      const peer = await WirePeer.connect(gateway.port);
      await openSocket(peer, '/topics/news');
      silent.push(peer);
    }
    gateway.signal('SIGTERM');
    await eventually('the first has gone', () => polite.codes.length === 1 && closes('drained') === 1);
    // Told to go, and still there.
    expect((await closeOf(silent[0]!)).code).toBe(1001);
    expect(await gateway.signalUntilExit('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(gateway.lines.find(({ message }) => message === 'stopped')).toMatchObject({ drained: 1, aborted: 19 });
    // What a connection closed for is what was first against it: of those that were cut off some had been told to go.
    expect(closes('drained')).toBeGreaterThan(1);
    expect(closes('aborted')).toBeGreaterThan(0);
    expect(closes('drained') + closes('aborted')).toBe(20);
    for (const peer of silent) peer.destroy();
  });

  // Ctrl-C at `npm start`: the terminal signals the whole group, and npm signals its child once more.
  it.each<[NodeJS.Signals, NodeJS.Signals]>([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGINT'],
  ])('%s and %s in the same moment are one request: connections are drained', async (first, second) => {
    gateway = await GatewayProcess.start();
    const { codes } = await openSockets(20);
    gateway.signal(first);
    await whileDraining();
    gateway.signal(second);
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(codes).toEqual(Array<number>(20).fill(1001));
    expect(gateway.lines.find(({ message }) => message === 'stopped')).toMatchObject({ drained: 20, aborted: 0 });
  });

  it('with drain.delayMs: not ready at once, and serving until the delay is over', async () => {
    gateway = await GatewayProcess.start(['--drain-delay-ms', '1500']);
    const { codes } = await openSockets(2);
    const signalledMs = performance.now();
    gateway.signal('SIGTERM');
    await whileDraining();
    expect(await status('/readyz')).toBe(503);
    // A balancer has not looked yet, and sends what comes here.
    expect((await fetch(`${gateway.url}/topics/news`, { method: 'POST', body: 'x' })).status).toBe(200);
    const late = await openSockets(1);
    // Slow machines may have used the delay up; they have proved enough by then.
    if (performance.now() - signalledMs < 1000) expect([...codes, ...late.codes]).toEqual([]);
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledMs).toBeGreaterThan(1450);
    expect([...codes, ...late.codes]).toEqual([1001, 1001, 1001]);
  });

  it('a second signal ends drain.delayMs too', async () => {
    gateway = await GatewayProcess.start(['--drain-delay-ms', '3600000']);
    gateway.signal('SIGTERM');
    await whileDraining();
    expect(await gateway.signalUntilExit('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
