// Lines 1 and 2: the ten named timers, what a quiet connection has armed, and what each time-out does.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import type { Connection } from '@sluice/connection';
import { NO_DEADLINE, TimingWheel, WheelDriver, deadlineNames, type DeadlineName, type DeadlineOwner } from '@sluice/timing';
import { MemoryResolver } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { FullListener } from '../../support/full-listener.ts';
import { connectOut, type Outbound } from '../../support/outbound.ts';
import { clientFrame, handshakeFor, type RawPeer } from '../../support/raw-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../../support/running-gateway.ts';
import { SimulatedGateway } from '../../support/simulated-gateway.ts';
import { WirePeer } from '../../support/wire-peer.ts';

const hour = 3_600_000;
const wait = { pingIntervalMs: 0, idleTimeoutMs: 10_000, sustainTimeoutMs: hour };

let running: RunningGateway | null = null;
let simulated: SimulatedGateway | null = null;
const outbounds: Outbound[] = [];
afterEach(async () => {
  for (const outbound of outbounds.splice(0)) outbound.stop();
  await running?.stop();
  await simulated?.stopAndCheck();
  running = simulated = null;
});

async function simulate(timeouts: Record<string, number>, more: Partial<Parameters<typeof SimulatedGateway.start>[0]> = {}): Promise<SimulatedGateway> {
  simulated = await SimulatedGateway.start({ seed: 1, ...more, config: { timeouts, ...more.config } });
  return simulated;
}

const only = ({ gateway }: { readonly gateway: RunningGateway['gateway'] }): Connection => {
  const [connection, ...others] = gateway.registry.all();
  expect(others).toEqual([]);
  return connection!;
};
const timersOf = (connection: Connection): Record<string, number> => Object.fromEntries(connection.armedTimers().map(({ name, leftMs }) => [name, leftMs]));
const upgraded = (peer: RawPeer): boolean => peer.received.includes(' 101 ');

describe('1. ten named timers exist for every connection', () => {
  it('each of them is armed by what it is for', async () => {
    const gateway = await simulate({ ...wait, listenTimeoutMs: 500 }, { config: { throttle: { inBytesPerSecond: 10_000, outBytesPerSecond: 10_000 } } });
    const { network, loop, address } = gateway;
    const armed = new Set<DeadlineName>();
    const { wheel } = loop;
    const arm = wheel.arm.bind(wheel);
    wheel.arm = (owner, name, atMs) => {
      armed.add(name);
      arm(owner, name, atMs);
    };
    const peer = gateway.connectRaw();
    peer.send(`POST /topics/news HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n${'x'.repeat(50_000)}`);
    gateway.settle(() => peer.received.includes('200 OK'));
    peer.send('GET /topics/news HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    gateway.settle(() => peer.hasEnded);
    const socket = gateway.connectRaw();
    socket.send(handshakeFor('/topics/news'));
    gateway.settle(() => upgraded(socket));
    const resolver = new MemoryResolver(network.clock).script('here.test', { addresses: [address.host] });
    for (const target of ['here.test', 'nowhere.test']) {
      outbounds.push(connectOut({ transport: network.transport, resolver, loop, target: { host: target, port: address.port } }));
    }
    expect(await network.until(() => outbounds[0]!.connector.state.phase === 'connected' && outbounds[1]!.connector.state.phase === 'waiting')).toBe(true);
    const ten = ['idle', 'sustain', 'listen', 'throttleIn', 'throttleOut', 'connecting', 'dnsResolve', 'close', 'handshake', 'reconnect'];
    expect([...armed].toSorted()).toEqual(ten.toSorted());
    expect(deadlineNames).toHaveLength(10);
  });

  it.each([
    ['over TCP', false],
    ['over TLS', true],
  ])('an established quiet connection has three watchers active, %s: read interest, idle, sustain', async (_over, tls) => {
    running = await runGateway({ tls, config: { timeouts: wait, throttle: { inBytesPerSecond: 100_000, outBytesPerSecond: 100_000 } } });
    const peer = await WirePeer.connect(running.port);
    peer.send(handshakeFor('/topics/news'));
    expect((await peer.reply()).status).toBe(101);
    const connection = only(running);
    peer.sendFrame({ opcode: 1, payload: Buffer.from('hello'), masked: true });
    expect((await peer.frame()).payload.toString()).toBe('hello');
    expect(Object.keys(timersOf(connection))).toEqual(['idle', 'sustain']);
    expect([connection.wantRead, connection.wantWrite]).toEqual([true, false]);
    expect(running.gateway.listeners.map(({ actor }) => actor.state.phase)).toEqual(['listening']);
    peer.destroy();
  });

  it.each([
    ['an HTTP connection between requests', 'GET /topics/news HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['an event stream', 'GET /topics/news HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n'],
    ['a WebSocket', handshakeFor('/topics/news')],
  ])('%s has no other', async (_what, request) => {
    const gateway = await simulate({ sustainTimeoutMs: hour });
    const peer = gateway.connectRaw();
    peer.send(request);
    gateway.pass(100);
    const connection = only(gateway.running);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
    expect(Object.keys(timersOf(connection))).toEqual(['idle', 'sustain']);
    expect([connection.wantRead, connection.wantWrite]).toEqual([true, false]);
  });

  describe('100,000 deadlines', () => {
    const owners = Array.from({ length: 50_000 }, (): DeadlineOwner => ({ firstDeadline: NO_DEADLINE, onTimeout() {} }));
    const real = {
      alive: 0,
      schedule(delayMs: number, callback: () => void): NodeJS.Timeout {
        real.alive++;
        return setTimeout(() => {
          real.alive--;
          callback();
        }, delayMs);
      },
      cancel(timer: NodeJS.Timeout): void {
        real.alive--;
        clearTimeout(timer);
      },
    };
    const clock = { now: () => Math.round(performance.now()) };
    const wheel = new TimingWheel({ startMs: clock.now() });
    const driver = new WheelDriver<NodeJS.Timeout>(wheel, clock, real);
    const timers = (): number => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
    const armAll = (atMs: number): void => {
      for (let i = 0; i < owners.length; i++) {
        wheel.arm(owners[i]!, 'idle', atMs + (i & 1023));
        wheel.arm(owners[i]!, 'sustain', atMs + 5000);
      }
    };

    it('cost one timer of JavaScript', () => {
      const before = timers();
      armAll(clock.now() + hour);
      expect(wheel.size).toBe(100_000);
      expect(real.alive).toBe(1);
      expect(timers() - before).toBe(1);
    });

    it('re-arming one, or all of them, allocates nothing', () => {
      const rounds = 40;
      const allocated = (): number => getHeapStatistics().total_allocated_bytes;
      // Until the compiler is done with it the engine boxes numbers.
      for (let round = 0; round < rounds; round++) armAll(hour * 2 + round);
      const before = allocated();
      for (let round = 0; round < rounds; round++) armAll(hour * 3 + round);
      // The smallest object has 16 bytes. What there is comes from the engine, which hands memory out in large pieces.
      expect((allocated() - before) / (rounds * 100_000)).toBeLessThan(1);
      expect(real.alive).toBe(1);
    });

    it('and none is left when they are cancelled', () => {
      for (const owner of owners) wheel.cancelAll(owner);
      driver.close();
      expect([wheel.size, real.alive]).toEqual([0, 0]);
    });
  });
});

describe('2. idle re-arms on received bytes', () => {
  it('a single byte of a frame is enough; silence ends it', async () => {
    const gateway = await simulate({ pingIntervalMs: 0, idleTimeoutMs: 1000 });
    const peer = gateway.connectRaw();
    peer.send(handshakeFor('/topics/news'));
    gateway.settle(() => upgraded(peer));
    const connection = only(gateway.running);
    const frame = clientFrame(0x81, 'one byte at a time');
    for (const byte of frame) {
      gateway.pass(900);
      expect(timersOf(connection)['idle']).toBeLessThanOrEqual(110);
      peer.send(Uint8Array.of(byte));
      gateway.pass(1);
      expect(timersOf(connection)['idle']).toBeGreaterThan(990);
    }
    const lastByteAt = gateway.nowMs;
    gateway.settle(() => connection.state.phase !== 'established');
    expect(gateway.nowMs - lastByteAt).toBeGreaterThanOrEqual(1000);
    expect(gateway.nowMs - lastByteAt).toBeLessThan(1050);
    peer.send(clientFrame(0x88, ''));
    gateway.settle(() => gateway.running.gateway.registry.size === 0);
    expect(gateway.running.gateway.registry.closes().get('idleTimeout')).toBe(1);
  });
});

describe('2. sustain is an absolute cap on the session', () => {
  it('which no byte moves', async () => {
    const gateway = await simulate({ ...wait, sustainTimeoutMs: 5000 });
    const startedAt = gateway.nowMs;
    const peer = gateway.connectRaw();
    peer.send(handshakeFor('/topics/news'));
    for (let i = 0; i < 40; i++) {
      gateway.pass(100);
      peer.send(clientFrame(0x81, 'still here'));
    }
    const connection = only(gateway.running);
    expect(timersOf(connection)['sustain']).toBeLessThanOrEqual(startedAt + 5010 - gateway.nowMs);
    gateway.settle(() => connection.state.phase !== 'established');
    expect(gateway.nowMs - startedAt).toBeGreaterThanOrEqual(5000);
    expect(gateway.nowMs - startedAt).toBeLessThan(5050);
    peer.send(clientFrame(0x88, ''));
    gateway.settle(() => gateway.running.gateway.registry.size === 0);
    expect(gateway.running.gateway.registry.closes().get('sustainTimeout')).toBe(1);
  });
});

describe('2. listen re-arms on accept', () => {
  it('and says once that nobody comes', async () => {
    const gateway = await simulate({ listenTimeoutMs: 1000 });
    const troubles = (): number => gateway.running.lines.filter(({ message }) => message === 'listener trouble').length;
    const phases = (): string[] => gateway.running.gateway.listeners.map(({ actor }) => actor.state.label);
    for (let i = 0; i < 3; i++) {
      gateway.pass(900);
      gateway.connectRaw();
    }
    expect([troubles(), phases()]).toEqual([0, ['listening.active']]);
    gateway.pass(1020);
    await new Promise(setImmediate);
    expect([troubles(), phases()]).toEqual([1, ['listening.quiet']]);
    gateway.pass(5000);
    gateway.connectRaw();
    expect(phases()).toEqual(['listening.active']);
    await new Promise(setImmediate);
    expect(troubles()).toBe(1);
  });
});

describe('2. connecting and handshake time-outs make an outbound connection try its next address', () => {
  it('in virtual time', async () => {
    const hosts = ['127.0.0.1', '127.0.0.3'];
    const gateway = await simulate({}, { network: { hosts, silentHosts: ['127.0.0.2'] } });
    const { network, loop, address } = gateway;
    const mute = network.listen({ host: '127.0.0.3', port: address.port }, { onAccept: (endpoint) => endpoint.setReading(true), onError() {}, onClose() {} });
    const resolver = new MemoryResolver(network.clock).script('here.test', { addresses: ['127.0.0.2', '127.0.0.3', '127.0.0.1'] });
    const out = connectOut({ transport: network.transport, resolver, loop, target: { host: 'here.test', port: address.port } });
    outbounds.push(out);
    expect(await network.until(() => out.connector.state.phase === 'connected')).toBe(true);
    expect(out.log).toEqual(['try 127.0.0.2', 'failed connecting timedOut', 'try 127.0.0.3', 'failed handshaking timedOut', 'try 127.0.0.1', 'connected 127.0.0.1']);
    expect(loop.clock.now()).toBeGreaterThanOrEqual(5000 + 10_000);
    expect(loop.clock.now()).toBeLessThan(15_100);
    mute.close();
  });

  // Only Linux has all of 127.0.0.0/8 without being asked.
  it.runIf(process.platform === 'linux')('over sockets: one that is dropped by the kernel, one that says nothing, and a gateway', async () => {
    running = await runGateway({ tls: false });
    const { port } = running;
    const full = await FullListener.open('127.0.0.2', port);
    const mute = createServer((socket) => socket.on('error', () => {})).listen(port, '127.0.0.3');
    await once(mute, 'listening');
    const out = connectOut({
      transport: createNodeTransport(),
      resolver: { resolve: async () => ['127.0.0.2', '127.0.0.3', '127.0.0.1'] },
      target: { host: 'here.test', port },
      timeouts: { connectingTimeoutMs: 100, handshakeTimeoutMs: 500 },
    });
    outbounds.push(out);
    await eventually('it is connected', () => out.connector.state.phase === 'connected');
    expect(out.log).toEqual(['try 127.0.0.2', 'failed connecting timedOut', 'try 127.0.0.3', 'failed handshaking timedOut', 'try 127.0.0.1', 'connected 127.0.0.1']);
    expect(running.gateway.registry.size).toBe(1);
    mute.close();
    await full.close();
  });
});

describe('2. a handshake time-out drops an inbound connection', () => {
  it.each([
    ['over TCP, with an answer', false, 'HTTP/1.1 408 '],
    ['over TLS, where nothing can be said before there are keys', true, ''],
  ])('%s', async (_over, tls, answer) => {
    running = await runGateway({ tls, config: { timeouts: { handshakeTimeoutMs: 100 } } });
    const socket = connect(running.port, '127.0.0.1');
    let received = '';
    socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')));
    socket.on('error', () => {});
    await new Promise((done) => socket.once('close', done));
    expect(received.startsWith(answer) && (answer !== '' || received === '')).toBe(true);
    await eventually('it is closed', () => running!.gateway.registry.size === 0);
    expect(running.gateway.registry.closes().get('handshakeTimeout')).toBe(1);
  });
});

describe('2. the defaults', () => {
  it('close is 10 s', async () => {
    const gateway = await simulate({});
    const peer = gateway.connectRaw();
    // This one does not close when it is told that there will be no more.
    peer.onEnd = () => void (peer.hasEnded = true);
    peer.send('GET /topics/news HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    gateway.settle(() => peer.hasEnded);
    const endedAt = gateway.nowMs;
    expect(Object.keys(timersOf(only(gateway.running)))).toEqual(['close']);
    gateway.settle(() => peer.isClosed);
    expect(gateway.nowMs - endedAt).toBeGreaterThan(9990);
    expect(gateway.nowMs - endedAt).toBeLessThan(10_050);
  });

  it('connecting is 5 s', async () => {
    const gateway = await simulate({}, { network: { hosts: ['127.0.0.1'], silentHosts: ['127.0.0.2'] } });
    const { network, loop } = gateway;
    const resolver = new MemoryResolver(network.clock).script('here.test', { addresses: ['127.0.0.2'] });
    const out = connectOut({ transport: network.transport, resolver, loop, target: { host: 'here.test', port: 1 } });
    outbounds.push(out);
    await network.until(() => out.log.length === 2);
    expect(out.log).toEqual(['try 127.0.0.2', 'failed connecting timedOut']);
    expect(loop.clock.now()).toBeGreaterThanOrEqual(5000);
    expect(loop.clock.now()).toBeLessThan(5050);
  });
});
