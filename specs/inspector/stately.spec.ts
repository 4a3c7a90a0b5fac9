// XState's own tools on a running gateway: the WebSocket receiver of `@statelyai/inspect` takes all that `/inspection/stream` sends, and what it hands on
// is the life of real connections, told so that an inspector can draw it.

import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { connectionMachine } from '@sluice/connection';
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { createMachine } from 'xstate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayProcess, buildGateway } from '../support/gateway-process.ts';
import { InspectionClient } from '../support/inspection-client.ts';
import { SlowEcho } from '../support/slow-echo.ts';
import { tied, tiedCommand } from '../support/child-processes.ts';
import { patienceMs } from '../support/patience.ts';

const script = resolve(import.meta.dirname, '../support/stately-receiver.ts');
const patience = { timeout: patienceMs(), interval: 20 };

let gateway: GatewayProcess;
let api: InspectionClient;
const children: ChildProcess[] = [];
const clients: SlowEcho[] = [];

beforeEach(async () => {
  await buildGateway();
  gateway = await GatewayProcess.start(['--demo', '--no-log-access', '--windows-outbound-bytes', '65536', '--inspection-max-queued-bytes', '16777216']);
  api = new InspectionClient(gateway.adminUrl);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const client of clients.splice(0)) client.close();
  await gateway.kill();
});

async function connect(): Promise<SlowEcho> {
  const client = await SlowEcho.open(gateway.port);
  clients.push(client);
  return client;
}

interface Receiver {
  readonly events: StatelyInspectionEvent[];
  /** What went wrong in it. */
  readonly complaints: () => string;
}

/** Resolves once it has been handed something: from then on it sees all. Where nobody is shown at once, somebody comes until it has noticed. */
async function receive(query: string): Promise<Receiver> {
  const stream = `${gateway.adminUrl.replace('http', 'ws')}/inspection/stream${query}`;
  const child = tied(spawn(...tiedCommand(process.execPath, [script, stream]), { stdio: ['ignore', 'pipe', 'pipe'] }));
  children.push(child);
  const events: StatelyInspectionEvent[] = [];
  let text = '';
  let complaints = '';
  child.stdout.on('data', (data: Buffer) => {
    const lines = (text + data.toString()).split('\n');
    text = lines.pop()!;
    events.push(...lines.map((line) => JSON.parse(line) as StatelyInspectionEvent));
  });
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  const noticed = async (): Promise<boolean> => {
    if (events.length === 0 && !query.includes('id=')) await connect();
    return complaints !== '' || events.length > 0;
  };
  await expect.poll(noticed, patience).toBe(true);
  return { events, complaints: () => complaints };
}

const kinds = (events: readonly StatelyInspectionEvent[], sessionId: string): string[] =>
  events.filter((event) => event.sessionId === sessionId).map(({ type, ...rest }) => ('event' in rest ? `${type} ${(rest.event as { type: string }).type}` : type));

describe("@statelyai/inspect's receiver", () => {
  it('is handed every event of a connection, its parents before it', async () => {
    const { events, complaints } = await receive('');
    const client = await connect();
    const id = await api.idOf(client.peer);
    const sessionId = `connection:${id}`;
    await api.act(id, { action: 'quench' });
    await api.act(id, { action: 'resume' });
    await api.act(id, { action: 'throttle', direction: 'out', bytesPerSecond: 1000 });
    await api.act(id, { action: 'abort' });
    await expect.poll(() => kinds(events, sessionId).at(-1), patience).toBe('@xstate.snapshot ABORT');
    const told = kinds(events, sessionId);
    expect(told[0]).toBe('@xstate.actor');
    expect(told).toEqual(expect.arrayContaining(['HANDSHAKE.DONE', 'INBOUND.FULL', 'INBOUND.SPACE', 'ABORT'].flatMap((type) => [`@xstate.event ${type}`, `@xstate.snapshot ${type}`])));
    // Each event is followed by the snapshot it led to.
    for (let at = 1; at < told.length; at += 2) expect(told[at]!.replace('event', 'snapshot')).toBe(told[at + 1]);

    const actors = events.filter((event) => event.type === '@xstate.actor');
    const actor = actors.find((event) => event.sessionId === sessionId)!;
    const parent = actors.findIndex((event) => event.sessionId === actor.parentId);
    expect(parent).toBeGreaterThanOrEqual(0);
    expect(parent).toBeLessThan(actors.indexOf(actor));
    expect(actor.rootId).toBe('gateway');
    // An inspector draws the chart from the definition, and finds the active states in it by the snapshot.
    const { id: chart, states } = createMachine(JSON.parse(actor.definition!) as object).root;
    expect([chart, Object.keys(states)]).toEqual([connectionMachine.id, Object.keys(connectionMachine.root.states)]);
    const last = events.findLast((event) => event.sessionId === sessionId) as { snapshot: { value: unknown; status: string } };
    expect(last.snapshot).toMatchObject({ value: 'closed', status: 'done' });
    expect(complaints()).toBe('');
  });

  it('is handed one connection and nobody else', async () => {
    const [one, other] = [await connect(), await connect()];
    const [id, otherId] = [await api.idOf(one.peer), await api.idOf(other.peer)];
    const { events, complaints } = await receive(`?id=${id}`);
    one.stall();
    other.stall();
    await expect.poll(() => kinds(events, `connection:${id}`), patience).toContain('@xstate.snapshot OUTBOUND.FULL');
    one.recover();
    await expect.poll(() => kinds(events, `connection:${id}`), patience).toContain('@xstate.snapshot OUTBOUND.CLEAR');
    expect(kinds(events, `connection:${otherId}`)).toEqual([]);
    expect(complaints()).toBe('');
  });

  it('is handed hundreds of lives at once, each of them whole', async () => {
    const { events, complaints } = await receive('?sample=1');
    const many = await Promise.all(Array.from({ length: 200 }, () => connect()));
    for (const client of many) client.close();
    const closed = (): number => new Set(events.filter((event) => (event as { snapshot?: { status?: string } }).snapshot?.status === 'done').map(({ sessionId }) => sessionId)).size;
    await expect.poll(closed, patience).toBe(many.length);
    expect(JSON.stringify(events)).not.toContain('EVENTS.LOST');
    const types = new Set(events.map(({ type }) => type));
    expect(types).toEqual(new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']));
    for (const event of events) expect(event).toMatchObject({ sessionId: expect.any(String), createdAt: expect.any(String), _version: expect.any(String) });
    expect(complaints()).toBe('');
  });
});
