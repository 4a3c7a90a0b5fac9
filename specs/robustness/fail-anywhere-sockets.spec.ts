// Fail anywhere, over real sockets: one gateway lives through the failure of every operation, one after the other, while a good client
// beside them notices nothing. At the end it holds nothing, and the process has the descriptors and timers it began with.

import { readdirSync } from 'node:fs';
import { TransportError } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientConnection } from '../support/client-connection.ts';
import { FaultPoints, FaultyTransport, type FaultMode, type Patches } from '../support/fault-points.ts';
import { patchEverything } from '../support/fault-patches.ts';
import { GoodClient } from '../support/good-client.ts';
import { eventually, runGateway } from '../support/running-gateway.ts';

let patches: Patches;
beforeAll(() => {
  patches = patchEverything();
});
afterAll(() => patches.undo());

/** What keeps the process busy: sockets, listeners, timers, files. */
function resources(): string[] {
  const handles = process.getActiveResourcesInfo().filter((kind) => /TCP|FSReq/.test(kind));
  try {
    return [...handles, `${readdirSync('/proc/self/fd').length} descriptors`];
  } catch {
    return handles;
  }
}

/** A client's visit: a publication, a file, and a WebSocket that hears itself and leaves. True when it went well. */
async function visit(port: number, points: FaultPoints): Promise<boolean> {
  const client = createNodeTransport();
  points.takesVictims = true;
  // A gateway that fails at its first operation resets so early that the client may not hear that it was connected.
  const endpoint = await client.connect({ host: '127.0.0.1', port }).catch((error: TransportError) => error);
  if (endpoint instanceof TransportError) {
    points.takesVictims = false;
    expect(endpoint.kind).toBe('connectionReset');
    return false;
  }
  const connection = new ClientConnection(endpoint, () => 77);
  points.peerFault = (_port, how) => {
    if (how === 'reset') connection.endpoint.abort();
    else connection.endpoint.shutdown();
  };
  const gone = new Promise<false>((resolve) => (connection.onGone = () => resolve(false)));
  const reply = (): Promise<boolean> => Promise.race([new Promise<boolean>((resolve) => (connection.onReply = ({ status }) => resolve(status === 200))), gone]);
  let went = true;
  for (const [method, target, body] of [['POST', '/topics/visits', 'here'], ['GET', '/index.html', null]] as const) {
    if (!went || connection.isClosed || connection.hasEnded || !connection.http.keepAlive) break;
    const replied = reply();
    connection.request(method, target, [], body);
    went = await replied;
  }
  if (went && !connection.isClosed && !connection.hasEnded && connection.http.keepAlive) {
    const heard = Promise.race([new Promise<boolean>((resolve) => (connection.onMessage = () => resolve(true))), gone]);
    connection.onOpen = () => setImmediate(() => connection.send('and gone'));
    connection.onReply = () => connection.endpoint.abort();
    connection.upgrade('/topics/visits');
    went = await heard;
    connection.leave();
  } else {
    connection.endpoint.abort();
  }
  await gone;
  points.takesVictims = false;
  return went;
}

it('serves on, whatever operation of a connection fails', async () => {
  const before = resources();
  const points = new FaultPoints('throwBefore', 0);
  const short = { handshakeTimeoutMs: 150, requestTimeoutMs: 150, closeTimeoutMs: 150 };
  const running = await runGateway({ config: { timeouts: short }, transport: new FaultyTransport(createNodeTransport({ overloadShare: 1 }), points) });
  const good = await GoodClient.start({ host: '127.0.0.1', port: running.port });
  patches.points = points;
  expect(await visit(running.port, points)).toBe(true);
  const reached = new Map<FaultMode, number>();
  for (const mode of ['throwBefore', 'throwAfter', 'reset', 'end'] as const) {
    let point = 0;
    do {
      points.again(mode, ++point);
      await visit(running.port, points);
    } while (points.hit !== null);
    reached.set(mode, point);
  }
  patches.points = null;
  for (const [mode, count] of reached) expect(count, mode).toBeGreaterThan(40);
  expect(points.escaped).toEqual([]);
  await good.stop();
  expect(good.worstMs).toBeLessThan(2000);

  const { registry, hub, pool } = running.gateway;
  await eventually('all connections closed', () => registry.size === 0);
  expect(hub.stats()).toMatchObject({ members: 0, subscriptions: 0, failures: expect.any(Number) as number });
  await running.stop();
  await eventually('nothing outstanding', () => pool.outstanding().bytes === 0 && pool.outstanding().handles === 0);
  await eventually(`${before.join(', ')} as before`, () => resources().join() === before.join());
});
