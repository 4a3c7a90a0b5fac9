import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

function publish(topic: string, text: string): number {
  return memory.gateway.hub.publish(topic, Buffer.from(text), 0, Buffer.byteLength(text), 'text').offset;
}

function open(target: string, ...fields: string[]): MemoryClient {
  const client = memory.connect();
  client.upgrade(`/topics/${target}`, ...fields);
  return client;
}

const enveloped = (target: string): MemoryClient => open(target, 'Sec-WebSocket-Protocol: sluice.v1');
const documents = (client: MemoryClient, count: number): Record<string, unknown>[] =>
  client.messages(count).map((text) => JSON.parse(text) as Record<string, unknown>);

describe('raw', () => {
  it('publishes what is sent, and sends what is published, its own too', async () => {
    memory = await GatewayInMemory.start();
    const one = open('news');
    const other = open('news');
    one.sendFrame('hello');
    expect(one.messages(1)).toEqual(['hello']);
    expect(other.messages(1)).toEqual(['hello']);
    publish('news', 'posted');
    expect(other.messages(1)).toEqual(['posted']);
  });

  it('keeps text text and binary binary', async () => {
    memory = await GatewayInMemory.start();
    const socket = open('news');
    socket.sendFrame('text', 1);
    socket.sendFrame('binary', 2);
    memory.pass(10);
    expect(socket.frames()).toEqual([
      { opcode: 1, payload: 'text' },
      { opcode: 2, payload: 'binary' },
    ]);
  });

  it('replays what followed a position', async () => {
    memory = await GatewayInMemory.start();
    for (const text of ['1', '2', '3']) publish('news', text);
    const { epoch } = memory.gateway.hub.history('news');
    expect(open(`news?since=${epoch}:1`).messages(2)).toEqual(['2', '3']);
  });

  it('begins with the last of the history, then live', async () => {
    memory = await GatewayInMemory.start();
    for (const text of ['1', '2', '3']) publish('news', text);
    const socket = open('news?history=2');
    publish('news', '4');
    expect(socket.messages(3)).toEqual(['2', '3', '4']);
  });

  it('only receives with wildcards: sending closes with 1008', async () => {
    memory = await GatewayInMemory.start();
    const socket = open('news.*');
    publish('news.a', 'x');
    expect(socket.messages(1)).toEqual(['x']);
    socket.sendFrame('y');
    memory.pass(10);
    const [close] = socket.frames();
    expect(close).toMatchObject({ opcode: 8 });
    expect(close!.payload).toBe('\x03\xf0a subscription with wildcards cannot publish');
    expect(memory.gateway.hub.stats().topics).toBe(1);
  });
});

describe('?mode=read', () => {
  it.each(['', 'sluice.v1'])('receives, and is closed with 4403 when it sends (sub-protocol %j)', async (protocol) => {
    memory = await GatewayInMemory.start();
    const socket = open('news?mode=read', ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]));
    publish('news', 'x');
    memory.pass(10);
    expect(socket.frames().at(-1)!.payload).toContain('x');
    socket.sendFrame('y');
    memory.pass(10);
    expect(socket.frames()).toEqual([{ opcode: 8, payload: '\x11\x33this socket is read-only' }]);
    expect(memory.gateway.hub.stats().publications).toBe(1);
    socket.sendFrame('\x11\x33', 8);
    memory.pass(1000);
    expect(memory.gateway.registry.closes().get('refused')).toBe(1);
  });

  it('is the only mode', async () => {
    memory = await GatewayInMemory.start();
    expect(() => open('news?mode=write')).toThrow('400');
  });
});

describe('sluice.v1', () => {
  it('begins with a position to resume from, and wraps each publication', async () => {
    memory = await GatewayInMemory.start();
    const socket = enveloped('news');
    publish('news', 'x');
    const [notice, envelope] = documents(socket, 2);
    expect(notice).toEqual({ type: 'subscribed', epoch: memory.gateway.hub.epoch, offset: 0 });
    expect(envelope).toMatchObject({ topic: 'news', offset: 1, data: 'x' });
    expect(envelope).not.toHaveProperty('position');
  });

  it('begins before the history that was asked for, so that a break in the middle loses nothing', async () => {
    memory = await GatewayInMemory.start();
    for (const text of ['1', '2', '3']) publish('news.a', text);
    const { epoch } = memory.gateway.hub;
    const [notice, ...envelopes] = documents(enveloped('news.*?history=2'), 3);
    expect(notice).toEqual({ type: 'subscribed', epoch, offset: 1 });
    expect(envelopes.map(({ data }) => data)).toEqual(['2', '3']);
    const again = documents(enveloped(`news.*?history=2&since=${epoch}:2`), 2);
    expect(again).toMatchObject([{ type: 'resumed', epoch, offset: 2 }, { data: '3' }]);
  });

  it('tells where it resumes from, of a gap, and then everything there is', async () => {
    memory = await GatewayInMemory.start({ history: { count: 2 } });
    for (const text of ['1', '2', '3', '4']) publish('news', text);
    const { epoch } = memory.gateway.hub.history('news');
    expect(documents(enveloped(`news?since=${epoch}:1`), 4)).toMatchObject([
      { type: 'resumed', epoch, offset: 1 },
      { type: 'gap', reason: 'tooOld', missed: 1 },
      { data: '3' },
      { data: '4' },
    ]);
  });

  it('has the hub’s position in each envelope of a pattern with wildcards', async () => {
    memory = await GatewayInMemory.start();
    const socket = enveloped('news.*');
    publish('news.a', 'x');
    const [, envelope] = documents(socket, 2);
    expect(envelope).toMatchObject({ position: `${memory.gateway.hub.epoch}:1` });
  });
});

describe('a reader that does not keep up', () => {
  const large = 'x'.repeat(40_000);
  const windows = { outboundBytes: 65_536, sharedWriteBytes: 16_384 };

  it('is closed with 1013 under the policy disconnect, and leaves the hub', async () => {
    memory = await GatewayInMemory.start({ windows });
    const socket = open('news');
    socket.endpoint.setReading(false);
    for (let i = 0; i < 10; i++) {
      publish('news', large);
      memory.pass(1);
    }
    expect(memory.gateway.hub.stats().subscriptions).toBe(0);
    socket.endpoint.setReading(true);
    memory.pass(1000);
    expect(socket.frames().at(-1)).toMatchObject({ opcode: 8, payload: '\x03\xf5' });
  });

  it('gets the latest under conflate', async () => {
    memory = await GatewayInMemory.start({ windows, slowSubscriber: { policy: 'conflate' } });
    const socket = enveloped('news');
    socket.endpoint.setReading(false);
    for (let i = 0; i < 20; i++) {
      publish('news', large + i);
      memory.pass(1);
    }
    expect(memory.gateway.registry.size).toBe(1);
    socket.endpoint.setReading(true);
    memory.pass(1000);
    const last = JSON.parse(socket.frames().at(-1)!.payload) as { offset: number };
    expect(last.offset).toBe(20);
    expect(memory.gateway.hub.stats().dropped).toBeGreaterThan(0);
  });

  it('goes on from the log under dropOldest, and is told how many are gone', async () => {
    memory = await GatewayInMemory.start({ windows, slowSubscriber: { policy: 'dropOldest' }, history: { count: 3 } });
    const socket = enveloped('news');
    socket.endpoint.setReading(false);
    for (let i = 0; i < 20; i++) {
      publish('news', large + i);
      memory.pass(1);
    }
    socket.endpoint.setReading(true);
    memory.pass(1000);
    const seen = socket.frames().map(({ payload }) => JSON.parse(payload) as { type?: string; missed?: number; offset?: number });
    const offsets = seen.flatMap(({ type, offset }) => (type === undefined ? [offset!] : []));
    const missed = seen.reduce((sum, { type, missed: count = 0 }) => (type === 'gap' ? sum + count : sum), 0);
    expect(offsets.slice(-3)).toEqual([18, 19, 20]);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(missed).toBe(20 - offsets.length);
  });
});

describe('the end', () => {
  const expectGone = (): void => {
    memory.pass(100);
    expect(memory.gateway.hub.stats()).toMatchObject({ members: 0, subscriptions: 0 });
    expect(memory.gateway.registry.size).toBe(0);
  };

  it.each<[string, (socket: MemoryClient) => void, string]>([
    ['a close frame', (socket) => socket.sendFrame('\x03\xe8', 8), 'peerClosed'],
    ['FIN without one', (socket) => socket.endpoint.shutdown(), 'truncated'],
    ['a reset', (socket) => socket.endpoint.abort(), 'transportError'],
  ])('of the peer, by %s, is its end in the hub', async (_how, end, reason) => {
    memory = await GatewayInMemory.start();
    const socket = open('news');
    expect(memory.gateway.hub.stats().subscriptions).toBe(1);
    end(socket);
    expectGone();
    expect(memory.gateway.registry.closes().get(reason as 'peerClosed')).toBe(1);
  });

  it('of the hub is 1001 to its sockets', async () => {
    memory = await GatewayInMemory.start();
    const socket = open('news');
    memory.gateway.hub.destroy();
    memory.pass(1);
    expect(socket.frames()).toEqual([{ opcode: 8, payload: '\x03\xe9retry-after-ms=3500' }]);
    socket.sendFrame('\x03\xe9', 8);
    expectGone();
  });

  it('comes with silence: a ping first, and 1001 when no pong came', async () => {
    memory = await GatewayInMemory.start({ timeouts: { pingIntervalMs: 1000, idleTimeoutMs: 3000 } });
    const [alive, gone] = [open('news'), open('news')];
    for (let second = 0; second < 3; second++) {
      memory.pass(1000);
      alive.sendFrame('', 10);
    }
    memory.pass(100);
    expect(gone.frames().map(({ opcode }) => opcode)).toEqual([9, 9, 8]);
    expect(alive.frames().map(({ opcode }) => opcode)).toEqual([9, 9, 9]);
    expect(memory.gateway.registry.closes().get('idleTimeout') ?? 0).toBe(0);
    gone.endpoint.abort();
    memory.pass(1);
    expect(memory.gateway.registry.closes().get('idleTimeout')).toBe(1);
    expect(memory.gateway.hub.stats().subscriptions).toBe(1);
  });
});
