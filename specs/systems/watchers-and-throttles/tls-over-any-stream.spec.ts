// Line 6: TLS works over any byte stream, not only a socket, and with throttling on. `specs/examples/tls-over-anything.ts` shows it and is run
// here; then the gateway itself is behind such streams.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { duplexPair } from 'node:stream';
import { promisify } from 'node:util';
import type { Endpoint } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import { TlsClientContexts, TlsContexts, secureEndpoint } from '@sluice/transport-tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectedEnds, turnBoth } from '../../support/both-loops.ts';
import { RawPeer } from '../../support/raw-peer.ts';
import { eventually, runGateway } from '../../support/running-gateway.ts';
import { testAuthority } from '../../support/secure.ts';
import { SimulatedGateway } from '../../support/simulated-gateway.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const example = resolve(import.meta.dirname, '../../examples/tls-over-anything.ts');

describe('6. TLS works over any byte stream: the example', () => {
  it('runs, keeps to its rate, and holds nothing in the end', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=@sluice/source', example], { timeout: 20_000 });
    const seconds = (line: string): number => Number(/ in (\d+\.\d+) s, TLSv1\.3, peerClosed$/.exec(line)?.[1]);
    const [memory, streams, tlsInTls, held, ...more] = stdout.trimEnd().split('\n') as [string, string, string, string];
    expect([more, stderr]).toEqual([[], '']);
    expect(memory).toMatch(/^a pipe in memory: 1048576 bytes in /);
    expect(seconds(memory)).toBeGreaterThan(9);
    expect(seconds(memory)).toBeLessThan(11);
    expect(streams).toMatch(/^a pair of streams: 65536 bytes in /);
    expect(tlsInTls).toMatch(/^TLS in TLS: 65536 bytes in /);
    // 64 KiB at 100 KiB/s, less the overshoot of 0.25 s.
    for (const line of [streams, tlsInTls]) expect(seconds(line)).toBeGreaterThan(0.35);
    expect(held).toBe('held in the end: 0 bytes, 0 handles, 0 deadlines');
  });
});

describe('6. TLS works over any byte stream: the gateway', () => {
  let server: TlsContexts;
  let client: TlsClientContexts;
  beforeAll(async () => {
    const authority = await testAuthority();
    server = new TlsContexts({ certificates: [authority.server] });
    client = new TlsClientContexts({ ca: readFileSync(authority.ca) });
  });
  const asServer = (below: Endpoint): Endpoint => secureEndpoint(below, { role: 'server', contexts: server });
  const asClient = (below: Endpoint): Endpoint => secureEndpoint(below, { role: 'client', contexts: client, serverName: 'localhost' });
  const layers = (count: number, layer: (below: Endpoint) => Endpoint, below: Endpoint): Endpoint => (count === 0 ? below : layers(count - 1, layer, layer(below)));

  let gateway: SimulatedGateway | null = null;
  afterEach(async () => {
    await gateway?.stopAndCheck();
    gateway = null;
  });

  it.each([
    [1, 'TLS over a pipe in memory'],
    [2, 'TLS in TLS'],
    [3, 'TLS in TLS in TLS'],
  ])('%d: %s, throttled: 1 MiB at 100 KiB/s takes 10 s in each direction', async (depth) => {
    const throttle = { inBytesPerSecond: 100 * KIB, outBytesPerSecond: 100 * KIB };
    gateway = await SimulatedGateway.start({ seed: 1, config: { throttle, history: { bytes: 4 * MIB }, tls: {} } });
    const { network, running } = gateway;
    const [near, far] = connectedEnds(network);
    const peer = new RawPeer(layers(depth, asClient, near));
    running.gateway.adopt(layers(depth, asServer, far));
    const [connection] = running.gateway.registry.all();
    const timed = async (request: string, isDone: () => boolean): Promise<number> => {
      const startedAt = network.clock.now();
      peer.received = '';
      peer.send(request);
      expect(await turnBoth(network, isDone, 15_000)).toBe(true);
      return network.clock.now() - startedAt;
    };
    const inMs = await timed(
      `POST /topics/large HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${MIB}\r\n\r\n${'x'.repeat(MIB)}`,
      () => peer.received.startsWith('HTTP/1.1 200 OK'),
    );
    const outMs = await timed('GET /topics/large HTTP/1.1\r\nHost: localhost\r\n\r\n', () => peer.received.length > MIB);
    for (const tookMs of [inMs, outMs]) {
      expect(tookMs).toBeGreaterThan(9000);
      expect(tookMs).toBeLessThan(11_000);
    }
    expect(connection!.endpoint.secureSession).toMatchObject({ protocol: 'TLSv1.3' });
    peer.endpoint.abort();
    await turnBoth(network, () => running.gateway.registry.size === 0 && peer.isClosed);
  });

  it('over a pair of Node’s streams', async () => {
    const running = await runGateway({ tls: false });
    const transport = createNodeTransport();
    const [near, far] = duplexPair();
    const peer = new RawPeer(asClient(transport.adopt(near)));
    running.gateway.adopt(asServer(transport.adopt(far)));
    // A stream of such a pair does not notice that the other is destroyed: there is no point in waiting for more than the goodbye.
    peer.onEnd = () => peer.endpoint.close();
    peer.send('GET /topics/news HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const close = (): unknown => running.lines.find(({ log }) => log === 'close');
    await eventually('it is answered and closed', () => peer.isClosed && close() !== undefined);
    expect(peer.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(peer.error).toBeNull();
    expect(close()).toMatchObject({ reason: 'served', tls: { protocol: 'TLSv1.3' } });
    await running.stop();
  });
});
