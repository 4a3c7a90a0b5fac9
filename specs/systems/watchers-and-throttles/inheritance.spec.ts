// Line 4: what accepted connections take over from their listener, and what becomes of those that are one too many.

import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import type { Connection } from '@sluice/connection';
import { createNodeTransport } from '@sluice/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { eventually, runGateway, type RunningGateway } from '../../support/running-gateway.ts';
import { tlsSettings } from '../../support/secure.ts';
import { SimulatedGateway } from '../../support/simulated-gateway.ts';

const main = resolve(import.meta.dirname, '../../../apps/gateway/src/main.ts');

let running: RunningGateway | null = null;
let started: GatewayProcess | null = null;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await running?.stop();
  await started?.kill();
  running = started = null;
});

const ratesOf = (connection: Connection): number[] => [connection.throttle('in'), connection.throttle('out')];

describe('4. accepted connections inherit the listener’s throttle and handshake settings', () => {
  it('over TCP, over TLS, and on a command address', async () => {
    running = await runGateway({
      tls: false,
      config: {
        https: ['127.0.0.1:0'],
        command: ['127.0.0.1:0'],
        tls: await tlsSettings(),
        commandPeers: { thumbprints: [] },
        throttle: { inBytesPerSecond: 30_000, outBytesPerSecond: 20_000 },
        timeouts: { handshakeTimeoutMs: 45_000, sustainTimeoutMs: 90_000 },
      },
    });
    const { http, https, command, registry } = running.gateway;
    for (const [i, { port }] of [http[0]!, https[0]!, command[0]!].entries()) {
      sockets.push(connect(port, '127.0.0.1'));
      await eventually('it is accepted', () => registry.size === i + 1);
      const connection = [...registry.all()].find(({ endpoint }) => endpoint.peer.port === sockets[i]!.localPort)!;
      expect(ratesOf(connection)).toEqual([30_000, 20_000]);
      const [sustain, handshake] = connection.armedTimers();
      expect([sustain, handshake]).toMatchObject([{ name: 'sustain' }, { name: 'handshake' }]);
      expect(handshake!.leftMs).toBeGreaterThan(40_000);
      expect(handshake!.leftMs).toBeLessThanOrEqual(45_010);
    }
  });

  it('as they are when it comes: those that are open keep what they have', async () => {
    const gateway = await SimulatedGateway.start({ seed: 1, config: { throttle: { outBytesPerSecond: 20_000 } } });
    const { registry, listeners } = gateway.running.gateway;
    const first = gateway.connectRaw();
    listeners[0]!.throttles = { inBytesPerSecond: 5000, outBytesPerSecond: 0 };
    gateway.connectRaw();
    expect([...registry.all()].map(ratesOf)).toEqual([[0, 20_000], [5000, 0]]);
    [...registry.all()][1]!.setThrottle('in', 0);
    gateway.connectRaw();
    expect([...registry.all()].map(ratesOf)).toEqual([[0, 20_000], [0, 0], [5000, 0]]);
    first.endpoint.abort();
    await gateway.stopAndCheck();
  });
});

/** Connects, asks for something, and stays; answers the reply's status once it is there and, if it is a refusal, the peer's FIN. */
async function ask(port: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  const ended = once(socket, 'end');
  socket.write('GET /topics/news HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await Promise.race([ended, new Promise<void>((done) => socket.on('data', () => text.includes('\r\n\r\n') && done()))]);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
  if (status === 503) {
    await ended;
    const closed = once(socket, 'close');
    socket.end();
    expect((await closed)[0], 'reset').toBe(false);
  }
  return status;
}

describe('4. accepts over the share of the descriptor limit are answered and closed, not left hanging', () => {
  it('over 70 %, unless it is told otherwise', async () => {
    // Descriptors are handed out lowest first: a connection gets this one, or one of the next few.
    const next = openSync('/dev/null', 'r');
    closeSync(next);
    const overloadAnswer = (): Uint8Array => Buffer.from('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    for (const [share, isOver] of [[next, true], [next + 15, false]] as const) {
      const transport = createNodeTransport({ descriptorLimit: Math.ceil(share / 0.7), overloadAnswer });
      running = await runGateway({ transport });
      expect(await ask(running.port)).toBe(isOver ? 503 : 200);
      expect([transport.refused, running.gateway.registry.opened]).toEqual(isOver ? [1, 0] : [0, 1]);
      for (const socket of sockets.splice(0)) socket.destroy();
      await running.stop();
    }
  });

  it('the gateway, which holds more at 95 %: every one of 160 gets an answer where there are 128 descriptors, and room is used again', async () => {
    started = await GatewayProcess.start([], { script: ['--conditions=@sluice/source', main], descriptors: 128 });
    const statuses: number[] = [];
    for (let i = 0; i < 160; i++) statuses.push(await ask(started.port));
    const served = statuses.indexOf(503);
    expect(served).toBeGreaterThan(60);
    expect(served).toBeLessThan(Math.floor(128 * 0.95));
    expect(new Set(statuses.slice(0, served))).toEqual(new Set([200]));
    expect(new Set(statuses.slice(served))).toEqual(new Set([503]));
    for (const socket of sockets.splice(0)) socket.destroy();
    await expect.poll(() => ask(started!.port)).toBe(200);
    for (const socket of sockets.splice(0)) socket.destroy();
    started.signal('SIGTERM');
    expect(await started.exit).toEqual({ code: 0, signal: null });
  });
});
