// A gateway that has few descriptors, under files and connections: it never ends, who is served stays, others get 503, and afterwards
// everything works. SLUICE_DESCRIPTOR_SECONDS says for how long each; before a release, 60.

import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { GatewayProcess } from '../support/gateway-process.ts';
import { WirePeer } from '../support/wire-peer.ts';

const main = resolve(import.meta.dirname, '../../apps/gateway/src/main.ts');
const loadMs = Number(process.env['SLUICE_DESCRIPTOR_SECONDS'] ?? 4) * 1000;
// A gateway would take it for a setting.
delete process.env['SLUICE_DESCRIPTOR_SECONDS'];
const files = 1200;
const small = 300;
const root = mkdtempSync(join(tmpdir(), 'sluice-descriptors-'));
/** Too large for memory: each needs a descriptor. They have no blocks on the disk. */
const largeBytes = 70_000;
const hugeBytes = 16 * 1024 * 1024;

beforeAll(() => {
  const sparse = (name: string, bytes: number): void => {
    writeFileSync(join(root, name), '');
    truncateSync(join(root, name), bytes);
  };
  for (let at = 0; at < files; at++) sparse(`large-${at}`, largeBytes);
  for (let at = 0; at < small; at++) writeFileSync(join(root, `small-${at}`), 'small');
  for (let at = 0; at < 64; at++) sparse(`huge-${at}`, hugeBytes);
});
afterAll(() => rmSync(root, { recursive: true }));

let gateway: GatewayProcess;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await gateway?.kill();
});

/** What a peer has heard; a status once the reply has begun, null where it was closed without a word. */
class Client {
  readonly socket: Socket;
  text = '';
  readonly status: Promise<number | null>;
  isOpen = true;

  constructor(request: string, reads = true) {
    this.socket = connect(gateway.port, '127.0.0.1');
    sockets.add(this.socket);
    this.socket.on('error', () => {});
    this.socket.on('close', () => (this.isOpen = false));
    this.socket.write(`${request} HTTP/1.1\r\nHost: spec\r\nAccept: text/event-stream\r\n\r\n`);
    this.status = new Promise((done) => {
      this.socket.on('data', (data: Buffer) => {
        if (this.text.length < 10_000) this.text += data.toString('latin1');
        const status = /^HTTP\/1\.1 (\d{3})/.exec(this.text);
        if (status === null) return;
        done(Number(status[1]));
        if (!reads) this.socket.pause();
      });
      this.socket.on('close', () => done(null));
    });
  }

  close(): void {
    sockets.delete(this.socket);
    this.socket.destroy();
  }
}

/** Reads files one after the other over one connection, again and again. */
async function readAll(statuses: Map<number, number>, names: readonly string[], until: () => boolean): Promise<void> {
  const peer = await WirePeer.connect(gateway.port);
  sockets.add(peer.socket);
  for (let at = 0; !until(); at++) {
    peer.request(`GET /${names[at % names.length]} HTTP/1.1`);
    const { status } = await peer.reply();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  peer.destroy();
}

const descriptors = (): number => readdirSync(`/proc/${gateway.child.pid}/fd`).length;

it.runIf(process.platform === 'linux').each([256, 1024])('with %i descriptors', { timeout: 120_000 + 4 * loadMs }, async (limit) => {
  const settings = ['--root', root, '--static-open-file-idle-ms', '500', '--no-log-access'];
  gateway = await GatewayProcess.start(settings, { script: ['--conditions=@sluice/source', main], descriptors: limit });
  const before = descriptors();
  const streams: Client[] = [];
  for (let at = 0; at < limit / 2; at++) streams.push(new Client('GET /topics/news'));
  expect(new Set(await Promise.all(streams.map(({ status }) => status)))).toEqual(new Set([200]));

  const endsAt = performance.now() + loadMs;
  const isOver = (): boolean => performance.now() > endsAt;
  const read = new Map<number, number>();
  const names = Array.from({ length: files }, (_, at) => `large-${at}`);
  const readers = [0, 1, 2, 3].map((part) => readAll(read, [...names.slice(part * 300), ...names.slice(0, part * 300), 'small-1'], isOver));
  const others = new Map<number | null, number>();
  const count = (status: number | null): void => void others.set(status, (others.get(status) ?? 0) + 1);
  // Some take a file and do not read it: its descriptor stays in use.
  const stalled: Client[] = [];
  while (!isOver()) {
    const wave = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? new Client(`GET /huge-${(stalled.length + at) % 64}`, false) : new Client('GET /topics/news')));
    for (const { status } of wave) count(await status);
    stalled.push(...wave);
    if (stalled.length > limit) for (const client of stalled.splice(0, limit / 2)) client.close();
  }
  await Promise.all(readers);
  expect([...read.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect([...others.keys()].filter((status) => status !== 200 && status !== 503 && status !== null)).toEqual([]);
  expect(read.get(200)).toBeGreaterThan(0);
  expect(others.get(503)).toBeGreaterThan(0);

  for (const client of stalled) client.close();
  await expect.poll(descriptors, { timeout: 20_000 }).toBeLessThanOrEqual(before + streams.length + 8);
  expect(gateway.child.exitCode).toBeNull();
  for (const name of ['large-7', 'small-7', 'huge-7']) expect((await fetch(`${gateway.url}/${name}`)).status).toBe(200);
  const late = new Client('GET /topics/news');
  expect(await late.status).toBe(200);
  expect((await fetch(`${gateway.url}/topics/news`, { method: 'POST', body: 'everybody is here' })).status).toBe(200);
  await expect.poll(() => [...streams, late].filter(({ isOpen, text }) => !isOpen || !text.includes('data: everybody is here')).length, { timeout: 20_000 }).toBe(0);
  expect(gateway.lines.filter(({ log }) => log === 'error')).toEqual([]);
  gateway.signal('SIGTERM');
  expect((await gateway.exit).code).toBe(0);
});

it.runIf(process.platform === 'linux')('a deleted file gives its space back, though it was asked for a moment ago', async () => {
  const settings = ['--root', root, '--static-open-file-idle-ms', '300'];
  gateway = await GatewayProcess.start(settings, { script: ['--conditions=@sluice/source', main] });
  writeFileSync(join(root, 'deleted'), Buffer.alloc(200_000));
  const before = descriptors();
  const peer = await WirePeer.connect(gateway.port);
  sockets.add(peer.socket);
  peer.request('GET /deleted HTTP/1.1');
  expect((await peer.reply()).body.length).toBe(200_000);
  expect(descriptors()).toBe(before + 2);
  rmSync(join(root, 'deleted'));
  await expect.poll(descriptors, { timeout: 10_000 }).toBe(before + 1);
});

it.runIf(process.platform === 'linux').each([40, 64])('warns at its start that %i descriptors leave room for few connections', async (limit) => {
  gateway = await GatewayProcess.start([], { script: ['--conditions=@sluice/source', main], descriptors: limit });
  gateway.child.kill('SIGTERM');
  await gateway.exit;
  const warnings = gateway.stderr.split('\n').filter((line) => line.includes('leaves room for few connections'));
  expect(warnings.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ log: 'warn', limit, connections: limit === 40 ? 0 : 8 }]);
});
