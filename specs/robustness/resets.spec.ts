// 15,000 connections at a time, in all stages of what they might want, reset at random: the gateway's process keeps serving, and when they are
// gone it holds no connection, byte or descriptor more than before.

import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { Random } from '@sluice/transport-memory';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayProcess } from '../support/gateway-process.ts';
import { GoodClient } from '../support/good-client.ts';
import { clientFrame, handshakeFor } from '../support/raw-peer.ts';
import { patienceMs } from '../support/patience.ts';

const connections = 15_000;
/** Descriptors that client and gateway need besides connections, each in its process. */
const spare = 2500;
const main = resolve(import.meta.dirname, '../../apps/gateway/src/main.ts');

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await GatewayProcess.start(['--demo', '--timeouts-handshake-timeout-ms', '60000', '--timeouts-request-timeout-ms', '60000'], {
    script: ['--conditions=@sluice/source', main],
    env: { SLUICE_LOG_ACCESS: 'false' },
  });
});
afterAll(async () => {
  gateway.child.kill('SIGTERM');
  expect(await gateway.exit).toEqual({ code: 0, signal: null });
});

/** The sum of a metric's samples that have all of the labels. */
async function metric(name: string, ...labels: string[]): Promise<number> {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    if (/^[a-z_]+/.exec(line)?.[0] === name && labels.every((label) => line.includes(label))) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

/** Open descriptors of the gateway's process; null where the platform does not tell. */
function descriptors(): number | null {
  try {
    return readdirSync(`/proc/${gateway.child.pid}/fd`).length;
  } catch {
    return null;
  }
}

async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = patienceMs(60_000)): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const quietOpenings: readonly (Buffer | null)[] = [
  null,
  Buffer.from('GET /topics/re'),
  Buffer.from('POST /topics/resets HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\nhalf'),
  Buffer.from('GET / HTTP/1.1\r\nHost: gateway\r\n\r\n'),
  Buffer.from('GET /topics/resets HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\n\r\n'),
  Buffer.from(handshakeFor('/topics/resets')),
];
/** These are heard by thousands of others. */
const loudOpenings: readonly Buffer[] = [
  Buffer.concat([Buffer.from(handshakeFor('/topics/resets')), clientFrame(0x81, 'from one of many')]),
  Buffer.concat([Buffer.from(handshakeFor('/echo')), clientFrame(0x82, Buffer.alloc(20_000)).subarray(0, 9000)]),
  Buffer.concat([Buffer.from(handshakeFor('/mirror')), clientFrame(0x81, 'look')]),
];

it(`survives ${connections} connections that are reset at random`, async () => {
  const limits = (process.report.getReport() as { userLimits?: { open_files?: { soft: string | number } } }).userLimits;
  const limit = Number(limits?.open_files?.soft ?? 4096);
  const atOnce = Math.min(connections, Math.max(500, (Number.isFinite(limit) ? limit : connections + spare) - spare));
  const random = new Random(15);
  const good = await GoodClient.start({ host: '127.0.0.1', port: gateway.port });
  const descriptorsBefore = descriptors();
  const openBefore = await metric('sluice_connections');
  const startedAt = performance.now();
  let opened = 0;
  let most = 0;
  while (opened < connections) {
    const wave: Socket[] = [];
    while (wave.length < atOnce && opened < connections) {
      const ready: Promise<void>[] = [];
      for (let i = 0; i < 250 && wave.length < atOnce && opened < connections; i++, opened++) {
        const socket = connect({ port: gateway.port, host: '127.0.0.1' });
        // Some never look at what they are told.
        if (random.below(3) > 0) socket.resume();
        socket.on('error', () => {});
        ready.push(new Promise((done) => socket.once('connect', done).once('close', () => done())));
        wave.push(socket);
        const openings = random.below(20) === 0 ? loudOpenings : quietOpenings;
        const opening = openings[random.below(openings.length)]!;
        if (opening !== null) socket.write(opening.subarray(0, random.below(4) === 0 ? random.below(opening.length) : opening.length));
        // One in eight does not live to see the others.
        if (random.below(8) === 0) setTimeout(() => socket.resetAndDestroy(), random.below(50));
      }
      await Promise.all(ready);
    }
    // Connected is not accepted yet; and who is reset before may never be.
    await until('they are accepted', async () => (await metric('sluice_connections_opened_total')) > opened * 0.95);
    most = Math.max(most, await metric('sluice_connections'));
    const left: Promise<void>[] = [];
    for (const socket of wave) {
      left.push(new Promise((done) => (socket.destroyed ? done() : socket.once('close', () => done()))));
      const ending = random.below(20);
      setTimeout(() => (ending === 0 ? socket.destroy() : ending === 1 ? socket.destroySoon() : socket.resetAndDestroy()), random.below(1000));
    }
    await Promise.all(left);
  }
  await until('only the good client is left', async () => (await metric('sluice_connections')) === openBefore);
  const seconds = (performance.now() - startedAt) / 1000;
  await good.stop();
  console.log(`${opened} connections, ${most} at once, in ${seconds.toFixed(1)} s; the good client's worst wait ${good.worstMs.toFixed(0)} ms`);
  expect(most).toBeGreaterThan(atOnce * 0.75);
  expect(good.beats).toBeGreaterThan(20);
  expect(good.worstMs).toBeLessThan(5000);
  expect(await metric('sluice_closes_total', 'reason="internalError"')).toBe(0);
  expect(await metric('sluice_closes_total')).toBe(await metric('sluice_connections_opened_total'));
  expect(await metric('sluice_subscriptions')).toBe(0);
  expect(await metric('sluice_queued_bytes')).toBe(0);
  expect(await metric('sluice_pool_outstanding_handles')).toBeLessThanOrEqual(1);
  if (descriptorsBefore !== null) await until('descriptors are given back', () => descriptors()! <= descriptorsBefore + 1);
});
