// Line 7: 6,000 idle connections leave the event loop's p99 delay where it was. The gateway runs in a process of its own; what it does while
// nothing happens is compared with what it does without anybody.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Listening, LoopReport } from '../../support/measured-gateway.ts';
import { handshakeFor } from '../../support/raw-peer.ts';
import { tied } from '../../support/child-processes.ts';

const connections = 6000;
const forMs = 1000;

let gateway: ChildProcess;
let port: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = tied(fork(resolve(import.meta.dirname, '../../support/measured-gateway.ts'), { execArgv: ['--conditions=@sluice/source'] }));
  const [listening] = (await once(gateway, 'message')) as [Listening];
  ({ port } = listening);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  const exit = once(gateway, 'exit');
  gateway.kill('SIGKILL');
  await exit;
});

async function measure(): Promise<LoopReport> {
  gateway.send({ forMs });
  const [report] = (await once(gateway, 'message')) as [LoopReport];
  return report;
}

/** A WebSocket that is subscribed, and quiet. */
async function openSocket(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.write(handshakeFor('/topics/news'));
  const [reply] = (await once(socket, 'data')) as [Buffer];
  expect(reply.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
}

it('7. 6,000 idle connections leave the event loop’s p99 delay where it was', async () => {
  await measure(); // what is done at first only
  const alone = await measure();
  expect(alone.connections).toBe(0);
  while (sockets.length < connections) await Promise.all(Array.from({ length: 200 }, openSocket));
  // Other processes of this machine delay the loop as well, now and then; what connections cost would be there every time.
  const bound = Math.max(alone.p99Ms + 20, 3 * alone.p99Ms);
  let crowded = await measure();
  for (let again = 0; again < 5 && crowded.p99Ms >= bound; again++) crowded = await measure();
  expect(crowded.connections).toBe(connections);
  expect(crowded.p99Ms).toBeLessThan(bound);
  // Nothing is done for a connection that is quiet: there are as many wake-ups as before, and not one for each, or for each hundred.
  expect(alone.wakeUps).toBeGreaterThan(0);
  expect(crowded.wakeUps - alone.wakeUps).toBeLessThan(connections / 100);
});
