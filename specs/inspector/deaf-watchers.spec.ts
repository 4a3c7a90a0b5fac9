// Watchers who never read: the gateway does not slow down or hold much for them, and once they read they are told how much they have missed.

import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayProcess, buildGateway } from '../support/gateway-process.ts';
import { InspectionClient } from '../support/inspection-client.ts';
import { handshakeFor } from '../support/raw-peer.ts';
import { SlowEcho } from '../support/slow-echo.ts';
import { framesOf } from '../support/websocket-wire.ts';

const MiB = 1024 * 1024;
const actions = 30_000;
/** Fewer events than a watcher's queue takes: one who reads loses none of them. */
const actionsAtOnce = 100;
const deafWatchers = 4;
const done = 'HTTP/1.1 202 ';

let gateway: GatewayProcess;
let api: InspectionClient;
let watched: SlowEcho;
let id: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  await buildGateway();
  gateway = await GatewayProcess.start(['--demo', '--no-log-access', '--log-level', 'error', '--inspection-max-queued-events', '256', '--inspection-max-queued-bytes', '262144']);
  api = new InspectionClient(gateway.adminUrl);
  watched = await SlowEcho.open(gateway.port);
  id = await api.idOf(watched.peer);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  watched.close();
  await gateway.kill();
});

function request(text: string): Socket {
  const { hostname, port } = new URL(gateway.adminUrl);
  const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text.replace('Host: gateway', `Host: ${hostname}:${port}`)));
  sockets.push(socket);
  return socket;
}

/** The head of a reply has come; then nothing is read any more. */
async function openDeaf(text: string): Promise<Socket> {
  const socket = request(text);
  await new Promise<void>((resolve) => socket.once('readable', resolve));
  return socket;
}

/** Has the watched connection take so many steps: quenched, resumed, by requests that do not wait for one another's answers. */
async function takeSteps(): Promise<void> {
  const socket = request('');
  const answers = { count: 0, arrived: (): void => {} };
  let rest = '';
  socket.on('data', (data) => {
    const text = rest + data.toString('latin1');
    answers.count += text.split(done).length - 1;
    // The beginning of one, perhaps; never a whole one.
    rest = text.slice(1 - done.length);
    answers.arrived();
  });
  const one = (action: string): string => {
    const body = `{"action":"${action}"}`;
    return `POST /inspection/connections/${id}/actions HTTP/1.1\r\nHost: ${new URL(gateway.adminUrl).host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  const batch = (one('quench') + one('resume')).repeat(actionsAtOnce / 2);
  for (let sent = actionsAtOnce; sent <= actions; sent += actionsAtOnce) {
    socket.write(batch);
    while (answers.count < sent) await new Promise<void>((resolve) => (answers.arrived = resolve));
  }
  socket.destroy();
}

/** Everything that waits for it in the kernel and in the gateway. */
async function readOn(socket: Socket, until: (text: string) => boolean): Promise<string> {
  let text = '';
  socket.setEncoding('latin1');
  await new Promise<void>((resolve) => {
    socket.on('data', (data: string) => {
      text += data;
      if (until(text.slice(-data.length - 400))) resolve();
    });
  });
  return text;
}

describe.each([
  ['the event stream of a connection', () => `GET /inspection/connections/${id}/events HTTP/1.1\r\nHost: gateway\r\n\r\n`],
  ["Stately's inspector", () => handshakeFor(`/inspection/stream?id=${id}`)],
] as const)('%s', (_name, asking) => {
  it('is not read: memory is bounded, the gateway goes on, and the loss is told', async () => {
    // Once without anybody: the process has grown to what it needs.
    await takeSteps();
    const before = gateway.residentBytes();
    const deaf = await Promise.all(Array.from({ length: deafWatchers }, () => openDeaf(asking())));
    await takeSteps();
    // An event and a snapshot of every step for each of them would come to more than 100 MiB.
    expect(gateway.residentBytes() - before).toBeLessThan(48 * MiB);
    watched.send(1000);
    await expect.poll(() => watched.received).toBeGreaterThan(1000);
    const { connections } = await api.get<{ connections: { queuedBytes: number }[] }>('connections?sort=queued&order=desc&limit=10');
    for (const { queuedBytes } of connections) expect(queuedBytes).toBeLessThan(2 * MiB);

    // What they get is whole, bounded, and says what is missing.
    const isTold = (text: string): boolean => /event: lost|EVENTS\.LOST/.test(text);
    for (const socket of deaf) {
      const reading = readOn(socket, isTold);
      await api.act(id, { action: 'quench' });
      await api.act(id, { action: 'resume' });
      const text = await reading;
      expect(text.length).toBeLessThan(24 * MiB);
      const lost = Number(/event: lost\r?\ndata: \{"count":(\d+)\}|EVENTS\.LOST","count":(\d+)/.exec(text)?.slice(1).find(Boolean));
      expect(lost).toBeGreaterThan(1000);
      expect(lost).toBeLessThan(2 * actions + 10);
    }
  });
});

it('frames before the loss are whole', async () => {
  const deaf = await openDeaf(handshakeFor(`/inspection/stream?id=${id}`));
  await takeSteps();
  const text = await readOn(deaf, (tail) => tail.includes('EVENTS.LOST'));
  const head = text.indexOf('\r\n\r\n') + 4;
  const lastFrame = text.lastIndexOf('\x81', text.indexOf('EVENTS.LOST'));
  const types = framesOf(text.slice(head, lastFrame)).map(({ payload }) => (JSON.parse(payload.toString()) as { type: string }).type);
  expect(new Set(types)).toEqual(new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']));
});
