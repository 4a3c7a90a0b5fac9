// Line 3: rates, in each direction, over TCP and TLS alike: over sockets once, for that is what takes ten seconds, and in virtual time.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '@sluice/connection';
import { Throttle } from '@sluice/timing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RawPeer } from '../../support/raw-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../../support/running-gateway.ts';
import { connectTo } from '../../support/secure.ts';
import { SimulatedGateway } from '../../support/simulated-gateway.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const rate = 100 * KIB;
/** What a single read of the transport may bring, whatever is allowed. */
const largestRead = 64 * KIB;
const bothWays = { inBytesPerSecond: rate, outBytesPerSecond: rate };

/** Pieces that came together, and the pauses between them. */
class Arrivals {
  readonly pieces: number[] = [];
  readonly pauses: number[] = [];
  readonly #closerMs: number;
  #lastAt = 0;
  #bytes = 0;

  /** What comes within so much time is one piece. */
  constructor(closerMs: number) {
    this.#closerMs = closerMs;
  }

  /** The total has become `bytes`. */
  note(bytes: number, atMs: number): void {
    if (bytes === this.#bytes) return;
    const pause = atMs - this.#lastAt;
    if (this.pieces.length > 0 && pause <= this.#closerMs) {
      this.pieces.push(this.pieces.pop()! + bytes - this.#bytes);
    } else {
      if (this.pieces.length > 0) this.pauses.push(pause);
      this.pieces.push(bytes - this.#bytes);
    }
    this.#lastAt = atMs;
    this.#bytes = bytes;
  }
}

/** 10 s more or less 10 %, and no piece but the last is tiny: less than 0.05 s worth of the rate. */
function expectPace(tookMs: number, { pieces }: Arrivals): void {
  expect(tookMs).toBeGreaterThan(9000);
  expect(tookMs).toBeLessThan(11_000);
  expect(pieces.length).toBeGreaterThan(10);
  expect(Math.min(...pieces.slice(0, -1))).toBeGreaterThanOrEqual(0.05 * rate);
}

describe('3. throttles: 1 MiB at 100 KiB/s takes 10 s, over sockets', () => {
  let directory: string;
  const gateways: RunningGateway[] = [];
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-throttles-'));
    writeFileSync(join(directory, 'large.bin'), new Uint8Array(MIB));
  });
  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop();
    rmSync(directory, { recursive: true });
  });

  async function download(port: number): Promise<void> {
    const socket = await connectTo(port);
    const arrivals = new Arrivals(50);
    const startedAt = performance.now();
    let bytes = 0;
    await new Promise<void>((done, fail) => {
      socket.on('data', (data: Buffer) => arrivals.note((bytes += data.length), performance.now()));
      socket.on('error', fail);
      socket.on('end', done);
      socket.write('GET /large.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    const tookMs = performance.now() - startedAt;
    socket.end();
    expect(bytes).toBeGreaterThan(MIB);
    expect(bytes).toBeLessThan(MIB + 1000);
    expectPace(tookMs, arrivals);
  }

  async function upload(port: number, { gateway }: RunningGateway): Promise<void> {
    const socket = await connectTo(port);
    const arrivals = new Arrivals(20);
    // The gateway says what it has read: what the client has written is with the kernel.
    const find = (): Connection | undefined => [...gateway.registry.all()].find(({ endpoint }) => endpoint.peer.port === socket.localPort);
    await eventually('the gateway has the connection', () => find() !== undefined);
    const connection = find();
    const startedAt = performance.now();
    const looking = setInterval(() => arrivals.note(connection!.endpoint.bytesIn, performance.now()), 10);
    const reply = await new Promise<string>((done, fail) => {
      socket.on('data', (data: Buffer) => done(data.toString('latin1')));
      socket.on('error', fail);
      socket.write(`POST /topics/large HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${MIB}\r\n\r\n`);
      socket.write(new Uint8Array(MIB));
    });
    const tookMs = performance.now() - startedAt;
    clearInterval(looking);
    socket.end();
    expect(reply).toMatch(/^HTTP\/1\.1 200 /);
    expectPace(tookMs, arrivals);
  }

  it('on TCP and on TLS, in each direction', async () => {
    for (const tls of [false, true]) gateways.push(await runGateway({ tls, config: { demo: false, root: directory, throttle: bothWays } }));
    const [tcp, tls] = gateways as [RunningGateway, RunningGateway];
    const runs = { 'out, TCP': download(tcp.port), 'out, TLS': download(tls.port), 'in, TCP': upload(tcp.port, tcp), 'in, TLS': upload(tls.port, tls) };
    const outcomes = await Promise.allSettled(Object.values(runs));
    const failed = Object.keys(runs).flatMap((name, i) => (outcomes[i]!.status === 'rejected' ? [`${name}: ${String(outcomes[i].reason)}`] : []));
    expect(failed).toEqual([]);
  });
});

describe('3. throttles: the permitted overshoot', () => {
  it.each([
    ['0.125 s worth ahead when it is over budget', 0, 125],
    ['0.250 s worth where a late wake-up has left some', 10, 250],
  ])('%s', (_what, lateMs, pauseMs) => {
    const throttle = new Throttle(rate, 0);
    let now = 0;
    for (let i = 0; i < 40; i++) {
      const bytes = throttle.allowance(now);
      throttle.spend(bytes, now);
      const overshootMs = i === 0 ? 250 : pauseMs;
      expect(bytes).toBe(((i === 0 ? 0 : lateMs) + overshootMs) * (rate / 1000));
      expect(throttle.resumeAt - now).toBeCloseTo(overshootMs, 6);
      expect(throttle.allowance(now)).toBe(0);
      now = throttle.resumeAt + lateMs;
    }
  });
});

describe('3. throttles, in virtual time', () => {
  let gateway: SimulatedGateway;
  afterEach(() => gateway.stopAndCheck());

  const start = async (throttle: Record<string, number>): Promise<void> => {
    gateway = await SimulatedGateway.start({ seed: 1, config: { throttle, history: { bytes: 4 * MIB } } });
  };
  const body = 'x'.repeat(MIB);
  const publish = `POST /topics/large HTTP/1.1\r\nHost: h\r\nContent-Length: ${MIB}\r\n\r\n${body}`;
  const fetchIt = 'GET /topics/large HTTP/1.1\r\nHost: h\r\n\r\n';
  const newest = (): Connection => [...gateway.running.gateway.registry.all()].at(-1)!;

  /** A connection over which 1 MiB was published, without waiting for it. */
  function publisher(): RawPeer {
    const peer = gateway.connectRaw();
    newest().setThrottle('in', 0);
    peer.send(publish);
    expect(gateway.settle(() => peer.received !== '')).toBe(true);
    peer.received = '';
    return peer;
  }

  /** Asks, and notes what comes until all of it has, or for so long. */
  function fetchBy(peer: RawPeer, forMs = Infinity): { arrivals: Arrivals; tookMs: number } {
    const arrivals = new Arrivals(1);
    const startedAt = gateway.nowMs;
    peer.received = '';
    peer.send(fetchIt);
    gateway.settle(() => {
      arrivals.note(peer.received.length, gateway.nowMs);
      return peer.received.length > MIB || gateway.nowMs - startedAt >= forMs;
    });
    return { arrivals, tookMs: gateway.nowMs - startedAt };
  }

  it('outbound: 10 s, and the pieces are not tiny', async () => {
    await start(bothWays);
    const { arrivals, tookMs } = fetchBy(publisher());
    expectPace(tookMs, arrivals);
  });

  it('inbound: 10 s, and the pieces are not tiny', async () => {
    await start(bothWays);
    const peer = gateway.connectRaw();
    const connection = newest();
    const arrivals = new Arrivals(1);
    const startedAt = gateway.nowMs;
    peer.send(publish);
    gateway.settle(() => {
      arrivals.note(connection.endpoint.bytesIn, gateway.nowMs);
      return peer.received !== '';
    });
    expect(peer.received).toMatch(/^HTTP\/1\.1 200 /);
    expectPace(gateway.nowMs - startedAt, arrivals);
  });

  it('is suspended for no less than 200 ms while budget remains', async () => {
    await start({ outBytesPerSecond: rate });
    const peer = publisher();
    for (const quietMs of [0, 500, 900, 30_000]) {
      gateway.pass(quietMs);
      const { arrivals } = fetchBy(peer);
      expect(arrivals.pauses[0], `after ${quietMs} ms`).toBeGreaterThanOrEqual(200);
      expect(Math.min(...arrivals.pauses), `after ${quietMs} ms`).toBeGreaterThanOrEqual(75);
    }
  });

  it('a window that was idle for over 1 s starts afresh: an idle connection earns no burst', async () => {
    await start({ outBytesPerSecond: rate });
    const peer = publisher();
    // The last piece of before had its pause too: it is quiet from the end of that.
    for (const quietMs of [0, 250 + 1001, 5000, 50_000]) {
      gateway.pass(quietMs);
      const { arrivals } = fetchBy(peer);
      expect(arrivals.pieces[0], `after ${quietMs} ms`).toBeLessThanOrEqual(0.25 * rate);
      expect(arrivals.pieces[0], `after ${quietMs} ms`).toBeGreaterThan(0.2 * rate);
    }
    // Less than a second is part of the window, and what was not used in it may be.
    gateway.pass(800);
    const [first = 0] = fetchBy(peer).arrivals.pieces;
    expect(first).toBeGreaterThan(0.5 * rate);
    expect(first).toBeLessThanOrEqual((0.8 + 0.01 + 0.25) * rate);
  });

  it('inbound too', async () => {
    await start({ inBytesPerSecond: rate });
    for (const quietMs of [0, 9000]) {
      const peer = gateway.connectRaw();
      const connection = newest();
      gateway.pass(quietMs);
      peer.send(publish);
      gateway.pass(100);
      expect(connection.endpoint.bytesIn).toBeGreaterThanOrEqual(0.25 * rate);
      expect(connection.endpoint.bytesIn).toBeLessThanOrEqual(0.25 * rate + largestRead);
      expect(connection.state.label).toContain('hrottled');
      expect(connection.wantRead).toBe(false);
      peer.endpoint.abort();
    }
  });

  it('can be lifted or set on one connection while it is suspended, and no other notices', async () => {
    await start({ outBytesPerSecond: rate });
    const peers = [publisher(), gateway.connectRaw()];
    const [lifted] = gateway.running.gateway.registry.all();
    for (const peer of peers) {
      peer.received = '';
      peer.send(fetchIt);
    }
    gateway.pass(1000);
    expect(lifted!.state.label).toContain('hrottled');
    lifted!.setThrottle('out', 0);
    gateway.pass(10);
    expect(peers[0]!.received.length).toBeGreaterThan(MIB);
    expect(peers[1]!.received.length).toBeLessThan(1.5 * rate);
    newest().setThrottle('out', rate / 10);
    gateway.pass(10_000);
    expect(peers[1]!.received.length).toBeGreaterThan(1.5 * rate);
    expect(peers[1]!.received.length).toBeLessThan(2.5 * rate);
  });
});
