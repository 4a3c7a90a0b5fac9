// The gateway as a whole: what its scope holds, its listeners, readiness and drain, over memory and over real sockets.

import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { EventLoop } from '@sluice/supervision';
import type { Transport } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import { describe, expect, it } from 'vitest';
import { MemoryClient } from './in-memory/client.ts';
import { configOf, GatewayInMemory, start } from './in-memory/gateway.ts';
import { ListenersFailed } from '../src/listeners-failed.ts';
import { endOfTurn } from './log/lines.ts';

const statusOf = (reply: string): number => Number(reply.slice(9, 12));

function expectNothingHeld({ gateway, network, loop }: GatewayInMemory): void {
  network.run();
  expect(gateway.registry.size, 'connections').toBe(0);
  expect(gateway.hub.stats(), 'the hub').toMatchObject({ members: 0, subscriptions: 0, topics: 0, historyBytes: 0 });
  expect(gateway.pool.outstanding(), 'the pool').toEqual({ bytes: 0, handles: 0 });
  expect(gateway.pool.destroyed).toBe(true);
  expect(loop.wheel.size, 'deadlines').toBe(0);
  expect(network.clock.pending, 'timers').toBe(0);
}

describe('taking another configuration', () => {
  it('leaves everything as it is where that would open an address to everybody', async () => {
    const memory = await GatewayInMemory.start({ http: ['0.0.0.0:80'], auth: { tokens: ['secret'] } });
    const status = (): number => statusOf(memory.connect().request('GET /topics/a'));
    const unguarded = configOf({ throttle: { outBytesPerSecond: 1000 } });
    expect(() => memory.gateway.reload(unguarded)).toThrow('http: 0.0.0.0:80 is reached from other machines');
    expect(status()).toBe(401);
    expect(memory.gateway.listeners[0]!.throttles.outBytesPerSecond).toBe(0);
    memory.gateway.reload({ ...unguarded, insecure: true });
    expect(status()).toBe(200);
    await memory.stop();
  });
});

describe('closing the scope', () => {
  it('releases what nobody ever used', async () => {
    const running = await GatewayInMemory.start();
    await running.stop();
    expectNothingHeld(running);
  });

  it('ends every kind of connection, wherever it is, and releases all it holds', async () => {
    const running = await GatewayInMemory.start();
    const silent = running.connect();
    const half = running.connect();
    half.send('POST /topics/a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf');
    const stream = running.connect();
    stream.request('GET /topics/a', 'Accept: text/event-stream');
    const socket = running.connect();
    socket.upgrade('/topics/a');
    const slow = running.connect();
    slow.upgrade('/mirror');
    slow.endpoint.setReading(false);
    const admin = running.connectAdmin();
    const mirrored = running.connect();
    mirrored.upgrade('/mirror');
    for (let i = 0; i < 30; i++) mirrored.sendFrame('x'.repeat(20_000));
    socket.sendFrame('kept in the history');
    running.pass(10);
    expect(running.gateway.pool.outstanding().bytes).toBeGreaterThan(0);
    expect(running.gateway.registry.size).toBe(6);
    await running.stop();
    expectNothingHeld(running);
    for (const client of [silent, half, stream, socket, admin, mirrored]) expect(client.isClosed).toBe(true);
    expect(running.gateway.registry.closes().get('aborted')).toBe(6);
    expect((await running.lines()).filter(({ log }) => log === 'close')).toHaveLength(6);
  });

  it('frees the ports', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    const settings = { http: ['127.0.0.1:1000'], admin: '127.0.0.1:1001' };
    for (let again = 0; again < 2; again++) {
      const running = await GatewayInMemory.start(settings, network);
      expect(statusOf(running.connect().request('GET /topics/a'))).toBe(200);
      await running.stop();
      expectNothingHeld(running);
    }
  });
});

describe('listeners', () => {
  it('serve every address alike, over one hub', async () => {
    const running = await GatewayInMemory.start({ http: ['127.0.0.1:0', '[::1]:0', 'localhost:1234'] });
    const { http } = running.gateway;
    expect(http.map(({ host }) => host)).toEqual(['127.0.0.1', '::1', 'localhost']);
    expect(http[2]!.port).toBe(1234);
    const sockets = http.map((address) => running.connect(address));
    for (const socket of sockets) socket.upgrade('/topics/a');
    sockets[0]!.sendFrame('to all');
    running.pass(1);
    expect(sockets.map((socket) => socket.messages(1))).toEqual([['to all'], ['to all'], ['to all']]);
    expect(running.gateway.listeners.map(({ connections }) => connections)).toEqual([1, 1, 1]);
    await running.stop();
    expectNothingHeld(running);
  });

  it('share the bound on connections, the admin listener does not count', async () => {
    const running = await GatewayInMemory.start({ http: ['127.0.0.1:0', '[::1]:0'], limits: { maxConnections: 2 } });
    const [first, second] = running.gateway.http;
    running.connect(first).request('GET /topics/a');
    const admin = running.connectAdmin();
    const last = running.connect(second);
    expect(statusOf(last.request('GET /topics/a'))).toBe(200);
    const refused = running.connect(first);
    expect(statusOf(refused.reply())).toBe(503);
    last.endpoint.abort();
    running.pass(1);
    expect(statusOf(running.connect(first).request('GET /topics/a'))).toBe(200);
    expect(statusOf(admin.request('GET /healthz'))).toBe(200);
    await running.stop();
    expectNothingHeld(running);
  });

  it('are warned about once nobody comes to them any more, each but the admin one', async () => {
    const gateway = await GatewayInMemory.start({ http: ['127.0.0.1:0', 'localhost:0'], timeouts: { listenTimeoutMs: 60_000 } });
    gateway.pass(50_000);
    gateway.connect(gateway.gateway.http[0]);
    gateway.pass(55_000);
    const [first, second] = gateway.gateway.listeners;
    expect([first?.actor.state.label, second?.actor.state.label]).toEqual(['listening.active', 'listening.quiet']);
    gateway.pass(600_000);
    const warnings = (await gateway.lines()).filter(({ message }) => message === 'listener trouble');
    expect(warnings.map(({ error }) => error)).toEqual(Array(2).fill(expect.stringContaining('nobody has connected for 60000 ms')));
    await gateway.stop();
  });

  it('of admin are not there when it is off', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    const listened: number[] = [];
    const transport: Transport = {
      name: 'counting',
      listen: async (options, sink) => {
        const listener = await network.transport.listen(options, sink);
        listened.push(listener.address.port);
        return listener;
      },
      connect: (options) => network.transport.connect(options),
    };
    const { gateway, stop } = await start(configOf({ admin: 'off' }), transport, EventLoop.virtual(network.clock));
    expect(gateway.admin).toBeNull();
    expect(listened).toEqual(gateway.http.map(({ port }) => port));
    await stop();
  });

  it.each([
    ['topics', { http: ['127.0.0.1:0', '127.0.0.1:2000'] }],
    ['admin', { admin: '127.0.0.1:2000' }],
  ])('of %s on a port that is taken fail the start, and everything begun is released', async (_which, settings) => {
    const network = new MemoryNetwork({ seed: 1 });
    network.listen({ host: '127.0.0.1', port: 2000 }, { onAccept() {}, onError() {}, onClose() {} });
    const error = await GatewayInMemory.start(settings, network).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ListenersFailed);
    expect(error).toMatchObject({ failures: [{ setting: Object.keys(settings)[0], address: '127.0.0.1:2000', error: { operation: 'listen', kind: 'addressInUse' } }] });
    network.run();
    expect(network.clock.pending).toBe(0);
  });
});

describe('readiness', () => {
  it('begins when every listener is bound, and ends with the drain', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    let bind: () => void = () => {};
    const mayBind = new Promise<void>((resolve) => (bind = resolve));
    const transport: Transport = {
      name: 'hesitant',
      listen: async (options, sink) => {
        if (options.port === 1000) await mayBind;
        return network.transport.listen(options, sink);
      },
      connect: (options) => network.transport.connect(options),
    };
    const starting = GatewayInMemory.start({ http: ['127.0.0.1:1000'], admin: '127.0.0.1:1001' }, network, transport);
    const ready = (): number => statusOf(MemoryClient.connect(network, { host: '127.0.0.1', port: 1001 }).request('GET /readyz'));
    await endOfTurn();
    expect(ready()).toBe(503);
    bind();
    const running = await starting;
    expect(ready()).toBe(200);
    await running.run(running.gateway.drain);
    expect(ready()).toBe(503);
    await running.stop();
  });
});

describe('drain', () => {
  it('takes nobody new, ends everybody in the way of their protocol, and says how many', async () => {
    const running = await GatewayInMemory.start();
    const [idle, socket, stream] = [running.connect(), running.connect(), running.connect()];
    idle.request('GET /topics/a');
    socket.upgrade('/topics/a');
    stream.request('GET /topics/a', 'Accept: text/event-stream');
    let result: unknown = null;
    const draining = running.run(running.gateway.drain).then((drained) => (result = drained));
    await running.network.until(() => socket.received.length > 0 && idle.hasEnded, endOfTurn);
    expect(socket.frames()).toEqual([{ opcode: 8, payload: '\x03\xe9retry-after-ms=3500' }]);
    expect(result).toBeNull();
    socket.sendFrame('\x03\xe9', 8);
    await draining;
    expect(result).toEqual({ drained: 3, aborted: 0 });
    expect(stream.hasEnded).toBe(true);
    expect(running.gateway.registry.closes().get('drained')).toBe(3);
    const late = running.network.transport.connect(running.gateway.http[0]!);
    const refused = expect(late).rejects.toMatchObject({ operation: 'connect', kind: 'connectionRefused' });
    running.pass(1);
    await refused;
    await running.stop();
    expectNothingHeld(running);
  });

  it('lets a request that has begun come to its end', async () => {
    const running = await GatewayInMemory.start();
    const client = running.connect();
    client.send('POST /topics/a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf ');
    running.pass(1);
    const draining = running.run(running.gateway.drain);
    await running.network.until(() => [...running.gateway.registry.all()].every(({ state }) => state.phase === 'draining'), endOfTurn);
    client.send('whole');
    expect(await draining).toEqual({ drained: 1, aborted: 0 });
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*"offset":1/);
    await running.stop();
  });

  it('goes at the pace of the configuration', async () => {
    const running = await GatewayInMemory.start({ drain: { connectionsPerSecond: 10 } });
    const { clock } = running.network;
    const sockets = Array.from({ length: 5 }, () => running.connect());
    const toldMs: number[] = [];
    for (const socket of sockets) {
      socket.upgrade('/topics/a');
      socket.onBytes = () => {
        toldMs.push(clock.now() - startedMs);
        socket.endpoint.close();
      };
    }
    const startedMs = clock.now();
    expect(await running.run(running.gateway.drain)).toEqual({ drained: 5, aborted: 0 });
    expect(toldMs.map(Math.round)).toEqual([0, 100, 200, 300, 400]);
    await running.stop();
    expectNothingHeld(running);
  });

  it('cuts off at the deadline who does not go', async () => {
    const running = await GatewayInMemory.start({ drain: { deadlineMs: 5000 }, timeouts: { closeTimeoutMs: 60_000 } });
    const stubborn = running.connect();
    stubborn.upgrade('/topics/a');
    stubborn.onEnd = () => {};
    const startedMs = running.network.clock.now();
    expect(await running.run(running.gateway.drain)).toEqual({ drained: 0, aborted: 1 });
    expect(running.network.clock.now() - startedMs).toBe(5000);
    running.pass(1);
    expect(stubborn.isClosed).toBe(true);
    await running.stop();
    expectNothingHeld(running);
  });
});

describe('a session that throws', () => {
  it('ends its own connection with 500, and is in the log; nobody else notices', async () => {
    const running = await GatewayInMemory.start();
    const [neighbour, client] = [running.connect(), running.connect()];
    neighbour.upgrade('/topics/a');
    running.gateway.hub.publish = () => {
      throw new Error('broken on purpose');
    };
    expect(statusOf(client.request('POST /topics/a', 'Content-Length: 0'))).toBe(500);
    running.pass(1);
    expect((await running.lines()).find(({ log }) => log === 'error')).toMatchObject({
      message: 'a session failed',
      error: expect.stringContaining('broken on purpose'),
    });
    expect(running.gateway.registry.size).toBe(1);
    await running.stop();
    expectNothingHeld(running);
  });
});

describe('over real sockets', () => {
  const transport = (): Transport => createNodeTransport({ overloadShare: 1 });

  it('serves, and when its scope closes nothing is left', async () => {
    const { gateway, stop } = await start(configOf(), transport(), EventLoop.layer);
    const [url] = gateway.http.map(({ host, port }) => `http://${host}:${port}`);
    expect(await (await fetch(`${url}/topics/a`, { method: 'POST', body: 'hello' })).json()).toMatchObject({ offset: 1 });
    expect(await (await fetch(`${url}/topics/a`)).text()).toContain('"data":"hello"');
    const page = await fetch(`${url}/`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    await page.text();
    const { host, port } = gateway.admin!;
    expect((await fetch(`http://${host}:${port}/readyz`)).status).toBe(200);
    const socket = new WebSocket(`${url}/topics/a`.replace('http', 'ws'));
    const closed = once(socket, 'close');
    await once(socket, 'open');
    await stop();
    await closed;
    expect(gateway.registry.size).toBe(0);
    expect(gateway.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    await expect(fetch(`${url}/topics/a`)).rejects.toThrow();
  });

  it('does not start on a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const error = await start(configOf({ http: [`127.0.0.1:${port}`] }), transport(), EventLoop.layer).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ListenersFailed);
    expect(error).toMatchObject({ failures: [{ setting: 'http', error: { operation: 'listen', kind: 'addressInUse', code: 'EADDRINUSE' } }] });
    taken.close();
  });
});
