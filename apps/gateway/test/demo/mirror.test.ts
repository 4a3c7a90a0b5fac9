// The mirror's promises: one order for all, nothing lost, memory bounded, and the slowest dropped after its grace.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MirrorHandler } from '../../src/demo/mirror.ts';
import type { MemoryClient } from '../in-memory/client.ts';
import { SocketsInMemory } from '../in-memory/sockets.ts';

const ring = { maxFrames: 8, maxBytes: 4000, graceMs: 3000 };
const windowBytes = 1024;
const pipeBytes = 2048;
/** Of a frame of the size that these tests send most. */
const frameBytes = 204;

function mirrored(options: Partial<typeof ring> = {}) {
  const sockets = new SocketsInMemory({ outboundBytes: windowBytes, pipeBytes });
  const traffic = { messagesIn: 0, messagesOut: 0 };
  const mirror = new MirrorHandler({ pool: sockets.pool, clock: sockets.network.clock, traffic, ...ring, ...options });
  sockets.serve(mirror);
  return {
    sockets,
    mirror,
    traffic,
    pass(ms: number): void {
      // As the gateway does, every 250 ms.
      for (; ms > 0; ms -= 250) {
        sockets.pass(Math.min(ms, 250));
        mirror.sweep();
      }
    },
    heldBytes: () => sockets.pool.outstanding().bytes,
  };
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name} ${i} `.padEnd(frameBytes - 4, '.'));

function payloads(client: MemoryClient): string[] {
  return client.frames().filter(({ opcode }) => opcode < 8).map(({ payload }) => payload);
}

describe('the mirror', () => {
  it('sends everything to everyone, the sender too, in one order', () => {
    const { sockets, traffic, pass } = mirrored();
    const clients = [sockets.connect(), sockets.connect(), sockets.connect()];
    clients[0]!.sendFrame('a');
    clients[1]!.sendFrame('\xff', 2);
    clients[0]!.sendFrame('c');
    pass(10);
    const [first, ...others] = clients.map((client) => client.frames());
    expect(first!.map(({ payload }) => payload).toSorted()).toEqual(['a', 'c', '\xff']);
    expect(first!.find(({ payload }) => payload === '\xff')?.opcode).toBe(2);
    for (const frames of others) expect(frames).toEqual(first);
    expect(traffic).toEqual({ messagesIn: 3, messagesOut: 9 });
  });

  it('gives a newcomer what is sent from then on', () => {
    const { sockets, pass } = mirrored();
    const early = sockets.connect();
    early.endpoint.setReading(false);
    // More than its pipe and window take: the ring is not empty.
    const before = numbered('before', 18);
    for (const message of before) early.sendFrame(message);
    pass(10);
    const late = sockets.connect();
    late.sendFrame('after');
    pass(10);
    early.endpoint.setReading(true);
    pass(10);
    expect(payloads(early)).toEqual([...before, 'after']);
    expect(payloads(late)).toEqual(['after']);
  });

  it('holds nothing that all have taken', () => {
    const { sockets, pass, heldBytes } = mirrored();
    const client = sockets.connect();
    sockets.connect();
    for (const message of numbered('a', 30)) client.sendFrame(message);
    pass(100);
    expect(payloads(client)).toHaveLength(30);
    expect(heldBytes()).toBe(0);
  });
});

describe('a full ring', () => {
  it('pauses whoever sends, and loses nothing when the slow one reads on', () => {
    const { sockets, traffic, pass, heldBytes } = mirrored();
    const [sender, slow] = [sockets.connect(), sockets.connect()];
    slow.endpoint.setReading(false);
    const sent = numbered('a', 200);
    for (const message of sent) sender.sendFrame(message);
    pass(1000);
    // What the slow one's pipe and window take, and the ring.
    const most = (pipeBytes + windowBytes) / frameBytes + ring.maxFrames;
    expect(traffic.messagesIn).toBeLessThanOrEqual(most);
    expect(traffic.messagesIn).toBeGreaterThanOrEqual(ring.maxFrames);
    expect(sender.endpoint.queuedBytes).toBeGreaterThan(0);
    const atFull = heldBytes();
    pass(1000);
    expect(heldBytes()).toBe(atFull);
    slow.endpoint.setReading(true);
    expect(slow.messages(200)).toEqual(sent);
    pass(100);
    expect(payloads(sender)).toEqual(sent);
    expect(sockets.closes).toEqual([]);
  });

  it('is full by bytes too', () => {
    const { sockets, traffic, pass } = mirrored({ maxFrames: 1000, maxBytes: 1000 });
    const [sender, slow] = [sockets.connect(), sockets.connect()];
    slow.endpoint.setReading(false);
    for (const message of numbered('a', 200)) sender.sendFrame(message);
    pass(1000);
    expect(traffic.messagesIn).toBeLessThanOrEqual((pipeBytes + windowBytes + 1000) / frameBytes + 1);
  });

  it('takes one more message from each other sender, and no second', () => {
    const { sockets, traffic, pass } = mirrored();
    const [slow, ...senders] = Array.from({ length: 6 }, () => sockets.connect());
    slow!.endpoint.setReading(false);
    for (const message of numbered('a', 100)) senders[0]!.sendFrame(message);
    pass(500);
    const before = traffic.messagesIn;
    for (const sender of senders) for (const message of numbered('b', 10)) sender.sendFrame(message);
    pass(500);
    expect(traffic.messagesIn - before).toBe(senders.length - 1);
  });

  it('drops who has held it up for the grace, tells it why, and goes on for the others', () => {
    const { sockets, traffic, pass, heldBytes } = mirrored();
    const [sender, slow] = [sockets.connect(), sockets.connect()];
    slow.endpoint.setReading(false);
    const sent = numbered('a', 200);
    for (const message of sent) sender.sendFrame(message);
    pass(2000);
    expect(traffic.messagesIn).toBeLessThan(200);
    pass(2000);
    expect(payloads(sender)).toEqual(sent);
    expect(heldBytes()).toBeLessThan(2 * (windowBytes + frameBytes));
    slow.endpoint.setReading(true);
    pass(2000);
    const frames = slow.frames();
    // Whatever it got is a beginning of what was sent: a hole would be a loss that nobody told of.
    const got = frames.filter(({ opcode }) => opcode === 1).map(({ payload }) => payload);
    expect(got).toEqual(sent.slice(0, got.length));
    expect(sockets.closes).toEqual(['slowConsumer']);
    expect(sockets.connections.size).toBe(1);
  });

  /** Lets the slow one take so many bytes, once. */
  function takes(sockets: SocketsInMemory, slow: MemoryClient, bytes: number): void {
    slow.received = '';
    slow.endpoint.setReading(true);
    sockets.network.run(() => slow.received.length >= bytes);
    slow.endpoint.setReading(false);
  }

  it('drops nobody who takes half of it within the grace, for as long as that lasts', () => {
    const { sockets, traffic, pass } = mirrored();
    const [sender, slow] = [sockets.connect(), sockets.connect()];
    slow.endpoint.setReading(false);
    for (const message of numbered('a', 400)) sender.sendFrame(message);
    pass(500);
    for (let round = 0; round < 12; round++) {
      const before = traffic.messagesIn;
      pass(2000);
      takes(sockets, slow, pipeBytes + windowBytes + ring.maxFrames * frameBytes);
      expect(traffic.messagesIn).toBeGreaterThan(before);
    }
    expect(sockets.closes).toEqual([]);
    pass(5000);
    expect(sockets.closes).toEqual(['slowConsumer']);
  });

  it('drops who takes something, but less than that: the others wait no longer than the grace', () => {
    // What its pipe and window let go at once is little of this ring.
    const { sockets, pass } = mirrored({ maxFrames: 200, maxBytes: 100_000 });
    const [sender, slow] = [sockets.connect(), sockets.connect()];
    slow.endpoint.setReading(false);
    const sent = numbered('a', 400);
    for (const message of sent) sender.sendFrame(message);
    for (let round = 0; round < 4; round++) {
      pass(1000);
      takes(sockets, slow, 2 * frameBytes);
    }
    pass(1000);
    expect(payloads(sender)).toEqual(sent);
    expect(sockets.closes).toEqual(['slowConsumer']);
  });

  it('drops all who keep it from becoming half empty, and only those', () => {
    const { sockets, pass } = mirrored({ maxFrames: 200, maxBytes: 100_000 });
    const [sender, ...slow] = Array.from({ length: 5 }, () => sockets.connect());
    for (const client of slow.slice(0, 3)) client.endpoint.setReading(false);
    const sent = numbered('a', 400);
    for (const message of sent) sender!.sendFrame(message);
    pass(2000);
    takes(sockets, slow[0]!, 1);
    pass(2000);
    expect(payloads(sender!)).toEqual(sent);
    expect(payloads(slow[3]!)).toEqual(sent);
    pass(2000);
    expect(sockets.closes).toEqual(['slowConsumer', 'slowConsumer', 'slowConsumer']);
  });

  it('a hundred members and one that never reads: nobody else waits longer than the grace, nothing is lost, memory is bounded', () => {
    const { sockets, pass, heldBytes } = mirrored();
    const members = Array.from({ length: 100 }, () => sockets.connect());
    const [slow, ...others] = members;
    slow!.endpoint.setReading(false);
    const [sender] = others;
    let sent = 0;
    /** When each message came to the last of the others. */
    const latencies: number[] = [];
    const got = others.map((): string[] => []);
    for (let ms = 0; ms < 15_000; ms += 250) {
      const text = `message ${sent++} ${sockets.network.clock.now()} `.padEnd(frameBytes - 4, '.');
      sender!.sendFrame(text);
      pass(250);
      for (const [i, client] of others.entries()) {
        for (const message of payloads(client)) {
          got[i]!.push(message);
          latencies.push(sockets.network.clock.now() - Number(message.split(' ')[2]));
        }
      }
      expect(heldBytes()).toBeLessThan((ring.maxFrames + 100) * frameBytes + 100 * 2 * windowBytes);
    }
    for (const messages of got) expect(messages).toEqual(got[0]);
    expect(got[0]).toHaveLength(sent);
    // One beat more: it is looked for every 250 ms here.
    expect(Math.max(...latencies)).toBeLessThanOrEqual(ring.graceMs + 2 * 250);
    expect(Math.max(...latencies)).toBeGreaterThan(1000);
    expect(sockets.closes).toEqual(['slowConsumer']);
  });

  it('goes on when the slow one leaves', () => {
    const { sockets, pass } = mirrored();
    const [sender, slow] = [sockets.connect(), sockets.connect()];
    slow.endpoint.setReading(false);
    const sent = numbered('a', 100);
    for (const message of sent) sender.sendFrame(message);
    pass(100);
    slow.endpoint.abort();
    pass(100);
    expect(payloads(sender)).toEqual(sent);
  });
});

describe('a throttled member', () => {
  it('loses nothing, and is not dropped while it takes half a ring within the grace: the senders wait for it', () => {
    const { sockets, traffic, pass } = mirrored({ maxFrames: 40, maxBytes: 100_000 });
    const [sender, throttled, other] = [sockets.connect(), sockets.connect(), sockets.connect()];
    const [, connection] = sockets.connections;
    // Twenty frames are half of the ring: they take 2 s.
    connection!.setThrottle('out', 10 * frameBytes);
    const sent = numbered('a', 200);
    for (const message of sent) sender.sendFrame(message);
    pass(5000);
    expect(traffic.messagesIn).toBeLessThan(120);
    pass(16_000);
    expect(payloads(throttled)).toEqual(sent);
    expect(payloads(other)).toEqual(sent);
    expect(sockets.closes).toEqual([]);
  });

  it('is dropped when that is too slow for the others, who lose nothing', () => {
    const { sockets, pass } = mirrored({ maxFrames: 40, maxBytes: 100_000 });
    const [sender, throttled, other] = [sockets.connect(), sockets.connect(), sockets.connect()];
    const [, connection] = sockets.connections;
    connection!.setThrottle('out', frameBytes);
    const sent = numbered('a', 200);
    for (const message of sent) sender.sendFrame(message);
    pass(10_000);
    expect(payloads(other)).toEqual(sent);
    expect(payloads(sender)).toEqual(sent);
    expect(sockets.closes).toEqual(['slowConsumer']);
    const got = payloads(throttled);
    expect(got).toEqual(sent.slice(0, got.length));
  });
});

describe('for any members, readers and sizes', () => {
  it('all who stay get the same messages, each sender in its order, and no byte stays behind', () => {
    const step = fc.record({
      who: fc.nat({ max: 3 }),
      does: fc.constantFrom('send' as const, 'burst' as const, 'stall' as const, 'read' as const, 'wait' as const),
      size: fc.nat({ max: 900 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        // The grace is longer than the run: nobody is dropped.
        const { sockets, mirror, pass, heldBytes } = mirrored({ graceMs: 1_000_000 });
        const clients = Array.from({ length: 4 }, () => sockets.connect());
        let sent = 0;
        for (const { who, does, size } of steps) {
          const client = clients[who]!;
          const send = (): void => client.sendFrame(`${who} ${sent++} `.padEnd(size, '.'));
          if (does === 'send') send();
          else if (does === 'burst') for (let i = 0; i < 20; i++) send();
          else if (does === 'wait') pass(size);
          else client.endpoint.setReading(does === 'read');
          expect(heldBytes()).toBeLessThan(ring.maxBytes + clients.length * (2 * (windowBytes + 1000) + 65_536));
        }
        for (const client of clients) client.endpoint.setReading(true);
        const [first, ...others] = clients.map((client) => client.messages(sent));
        for (const messages of others) expect(messages).toEqual(first);
        for (const who of clients.keys()) {
          const numbers = first!.filter((message) => message.startsWith(`${who} `)).map((message) => Number(message.split(' ')[1]));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
        for (const client of clients) client.endpoint.abort();
        pass(100);
        mirror.destroy();
        expect(heldBytes()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

it('is not broken for others by a member that broke the protocol and lingers', () => {
  const { sockets, pass } = mirrored();
  const [sender, broken, other] = [sockets.connect(), sockets.connect(), sockets.connect()];
  broken.send('\x81\x01x');
  broken.endpoint.setReading(false);
  pass(10);
  sender.sendFrame('a');
  pass(10);
  expect(payloads(sender)).toEqual(['a']);
  expect(payloads(other)).toEqual(['a']);
});

describe('destroy', () => {
  it('lets go of the ring, though members are there, and of what they send and do afterwards', () => {
    const { sockets, mirror, traffic, pass, heldBytes } = mirrored();
    const [sender, slow] = [sockets.connect(), sockets.connect()];
    slow.endpoint.setReading(false);
    for (const message of numbered('a', 30)) sender.sendFrame(message);
    pass(100);
    const atFull = heldBytes();
    mirror.destroy();
    expect(heldBytes()).toBeLessThanOrEqual(atFull - Math.floor((ring.maxFrames * 7) / 8) * frameBytes);
    const { messagesOut } = traffic;
    sockets.connect().sendFrame('alone');
    slow.sendFrame('still there');
    slow.endpoint.setReading(true);
    pass(100);
    expect(traffic.messagesOut - messagesOut).toBeLessThanOrEqual(2);
    for (const connection of sockets.connections) connection.abort();
    pass(100);
    expect(heldBytes()).toBe(0);
  });
});
