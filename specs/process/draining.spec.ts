// The gateway as a process: SIGTERM drains at a pace and within a deadline, a second one stops at once.

import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildGateway, GatewayProcess } from '../support/gateway-process.ts';
import { WirePeer } from '../support/wire-peer.ts';
import { closeOf, closePayload, opcodes, openSocket } from '../support/websocket-wire.ts';
import { eventually } from '../support/running-gateway.ts';

let gateway: GatewayProcess;
beforeAll(() => buildGateway(), 120_000);
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
    for (let at = 0; at + 15 < times.length; at++) expect(times[at + 15]! - times[at]!).toBeGreaterThan(100);
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

  it('who does not go is cut off at the deadline, and it is said how many', async () => {
    gateway = await GatewayProcess.start(['--drain-deadline-ms', '300', '--timeouts-close-timeout-ms', '60000']);
    const silent = [await WirePeer.connect(gateway.port), await WirePeer.connect(gateway.port)];
    for (const peer of silent) await openSocket(peer, '/topics/news');
    const started = performance.now();
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - started).toBeGreaterThan(250);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(gateway.lines.at(-1)).toMatchObject({ message: 'stopped', aborted: 2 });
    for (const peer of silent) peer.destroy();
  });

  it('a second one stops at once', async () => {
    gateway = await GatewayProcess.start(['--drain-connections-per-second', '1']);
    await openSockets(20);
    gateway.signal('SIGTERM');
    await whileDraining();
    const started = performance.now();
    gateway.signal('SIGTERM');
    const { code } = await gateway.exit;
    expect(code).toBe(0);
    expect(performance.now() - started).toBeLessThan(2000);
    const stopped = gateway.lines.find(({ message }) => message === 'stopped') as { drained: number; aborted: number };
    expect(stopped.drained + stopped.aborted).toBe(20);
    expect(stopped.aborted).toBeGreaterThan(15);
    expect(gateway.lines.filter(({ log, reason }) => log === 'close' && reason === 'aborted')).toHaveLength(stopped.aborted);
  });

  it('two in the same moment are two', async () => {
    gateway = await GatewayProcess.start(['--drain-connections-per-second', '1']);
    await openSockets(20);
    gateway.signal('SIGTERM');
    gateway.signal('SIGINT');
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
  });
});
