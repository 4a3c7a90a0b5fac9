// Line 5: how TLS ends. The queue is drained, close_notify sent and the peer's waited for, and the close timer ends the wait.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectClear, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { Connection } from '@sluice/connection';
import { TlsClientContexts, secureEndpoint } from '@sluice/transport-tls';
import type { Endpoint } from '@sluice/transport';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectEnd, turnBoth } from '../../support/both-loops.ts';
import { RawPeer, clientFrame, handshakeFor } from '../../support/raw-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../../support/running-gateway.ts';
import { testAuthority, tlsSettings } from '../../support/secure.ts';
import { SimulatedGateway } from '../../support/simulated-gateway.ts';
import { TlsRecords } from '../../support/tls-records.ts';

const MIB = 1024 * 1024;
const large = 4 * MIB;

const goodbye = clientFrame(0x88, Uint8Array.of(3, 232));

describe('5. TLS shutdown over sockets', () => {
  let directory: string;
  let gateway: RunningGateway;
  let records: TlsRecords | null = null;
  const clients: TLSSocket[] = [];
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-tls-shutdown-'));
    writeFileSync(join(directory, 'large.bin'), new Uint8Array(large));
    gateway = await runGateway({ tls: true, config: { demo: false, root: directory, timeouts: { closeTimeoutMs: 1000 } } });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
    records?.close();
    records = null;
  });
  afterAll(async () => {
    await gateway.stop();
    rmSync(directory, { recursive: true });
  });

  /** Sends no close_notify of its own accord. Answers what is below it too. */
  async function tlsClient(port = gateway.port, maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<{ client: TLSSocket; below: Socket }> {
    const below = connectClear({ port, host: '127.0.0.1', allowHalfOpen: true });
    const options = { socket: below, servername: 'localhost', maxVersion, allowHalfOpen: true };
    const client = connect(options);
    clients.push(client);
    client.on('error', () => {});
    await once(client, 'secureConnect');
    return { client, below };
  }

  async function request(client: TLSSocket, bytes: string): Promise<void> {
    client.write(bytes);
    await once(client, 'data');
  }

  const connectionOf = ({ localPort }: Socket): Connection | undefined =>
    [...gateway.gateway.registry.all()].find(({ endpoint }) => endpoint.peer.port === localPort);

  /** The close line of the access log, once there is one. */
  async function closeOf(below: Socket): Promise<Record<string, unknown>> {
    const { localPort } = below;
    const find = (): Record<string, unknown> | undefined => gateway.lines.find(({ log, port }) => log === 'close' && port === localPort);
    await eventually('it is closed', () => find() !== undefined);
    return find()!;
  }

  /** Asks for the large file as the last request, and reads until the gateway's close_notify; answers how many bytes came. */
  async function download(client: TLSSocket): Promise<number> {
    let bytes = 0;
    client.write('GET /large.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    client.on('data', (data: Buffer) => (bytes += data.length));
    await once(client, 'end');
    return bytes;
  }

  it('drains the queue, then says close_notify, then ends', async () => {
    records = await TlsRecords.before(gateway.port);
    const { client } = await tlsClient(records.port, 'TLSv1.2');
    expect(await download(client)).toBeGreaterThan(large);
    await eventually('FIN', () => records!.fromServer.at(-1) === 'FIN');
    expect(records.fromServer.slice(-3)).toEqual(['data', 'alert', 'FIN']);
  });

  it('case 1: the peer answers, and that is what is waited for', async () => {
    const { client, below } = await tlsClient();
    await download(client);
    expect(connectionOf(below)?.state.label).toBe('draining.lingering');
    client.end();
    const close = await closeOf(below);
    expect(close).toMatchObject({ reason: 'served' });
    expect(close).not.toHaveProperty('error');
  });

  it('case 2: the peer is silent, and the close timer ends the wait', async () => {
    const { client, below } = await tlsClient();
    await download(client);
    const endedAt = performance.now();
    expect(connectionOf(below)?.armedTimers().map(({ name }) => name)).toEqual(['close']);
    expect(await closeOf(below)).toMatchObject({ reason: 'served' });
    expect(performance.now() - endedAt).toBeGreaterThan(800);
  });

  it.each([
    ['between two requests', ''],
    ['in the middle of a request', 'POST /topics/news HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf'],
    ['on a WebSocket', handshakeFor('/topics/news')],
  ])('case 3: FIN without close_notify is reported as truncation, %s', async (_when, bytes) => {
    const { client, below } = await tlsClient();
    await request(client, 'GET /topics/news HTTP/1.1\r\nHost: localhost\r\n\r\n');
    if (bytes !== '') await new Promise<void>((done) => client.write(bytes, () => done()));
    below.end();
    expect(await closeOf(below)).toMatchObject({ reason: 'truncated', error: 'read failed: truncated' });
  });

  it('with close_notify the same is no truncation', async () => {
    const { client, below } = await tlsClient();
    await request(client, 'GET /topics/news HTTP/1.1\r\nHost: localhost\r\n\r\n');
    client.end();
    const close = await closeOf(below);
    expect(close).toMatchObject({ reason: 'peerClosed' });
    expect(close).not.toHaveProperty('error');
  });
});

describe('5. TLS shutdown in virtual time', () => {
  let gateway: SimulatedGateway;
  afterEach(() => gateway.stopAndCheck());

  /** A WebSocket over TLS that the gateway drains. Answers the peer, and the end below TLS. */
  async function open(): Promise<{ peer: RawPeer; inner: Endpoint }> {
    gateway = await SimulatedGateway.start({ seed: 1, config: { tls: await tlsSettings(), timeouts: { closeTimeoutMs: 3000 } } });
    const { ca } = await testAuthority();
    const inner = connectEnd(gateway.network, gateway.address);
    const contexts = new TlsClientContexts({ ca: readFileSync(ca) });
    const peer = new RawPeer(secureEndpoint(inner, { role: 'client', contexts, serverName: 'localhost' }));
    // It ends when the spec says so.
    peer.onEnd = () => void (peer.hasEnded = true);
    peer.send(handshakeFor('/topics/news'));
    expect(await turnBoth(gateway.network, () => peer.received.includes(' 101 '))).toBe(true);
    return { peer, inner };
  }
  const closes = (): Record<string, number> => Object.fromEntries([...gateway.running.gateway.registry.closes()].filter(([, count]) => count > 0));

  it('case 1: the peer answers', async () => {
    const { peer } = await open();
    peer.send(goodbye);
    await turnBoth(gateway.network, () => peer.hasEnded);
    await turnBoth(gateway.network, () => false, 2900);
    expect([closes(), peer.isClosed]).toEqual([{}, false]);
    peer.endpoint.shutdown();
    await turnBoth(gateway.network, () => peer.isClosed);
    expect([closes(), peer.error]).toEqual([{ peerClosed: 1 }, null]);
  });

  it('case 2: the peer is silent', async () => {
    const { peer } = await open();
    peer.send(goodbye);
    await turnBoth(gateway.network, () => peer.hasEnded);
    const endedAt = gateway.nowMs;
    await turnBoth(gateway.network, () => peer.isClosed);
    expect(gateway.nowMs - endedAt).toBeGreaterThan(2980);
    expect(gateway.nowMs - endedAt).toBeLessThan(3050);
    expect(closes()).toEqual({ peerClosed: 1 });
  });

  it('case 3: FIN without close_notify', async () => {
    const { peer, inner } = await open();
    inner.shutdown();
    await turnBoth(gateway.network, () => gateway.running.gateway.registry.size === 0);
    await turnBoth(gateway.network, () => peer.isClosed);
    expect(closes()).toEqual({ truncated: 1 });
  });
});
