// Rate limits as a connection keeps them: over the network in memory in virtual time, in the clear and with TLS.

import { FileHandleRef, fileBucket, shareBytes, streamBucket, type Pool } from '@sluice/brigade';
import { Http1Engine } from '@sluice/http1';
import { WebSocketEngine } from '@sluice/websocket';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpSession, WebSocketSession, type HttpExchange, type HttpHandler } from '../src/index.ts';
import { LineSession } from './support/line-session.ts';
import { stage, type StageOptions } from './support/stage.ts';
import { Wire, nothingHeld, type WireOptions } from './support/wire.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const rate = 100 * KIB;

type Reply = (exchange: HttpExchange) => void;

const headBytes = (text: string): number => text.indexOf('\r\n\r\n') + 4;

const inMemory: Reply = (exchange) => exchange.reply(200, [], new Uint8Array(MIB));

const fromFile: Reply = (exchange) => {
  const source = { fd: -1, readSync: (_into: Uint8Array, _at: number, length: number) => length, close() {} };
  const handle = new FileHandleRef(exchange.session.output.pool, source, MIB);
  exchange.begin(200, [], MIB);
  exchange.writeBucket(fileBucket(handle, 0, MIB));
  handle.release();
  exchange.end();
};

/** Behind the engine's back, which takes no streams: the connection has to. */
const fromStream: Reply = (exchange) => {
  let left = MIB;
  exchange.begin(200, [], MIB);
  exchange.session.output.append(
    streamBucket({
      read(_into, start, end) {
        const bytes = Math.min(end - start, left);
        left -= bytes;
        return bytes === 0 ? -1 : bytes;
      },
      onReadable() {},
      close() {},
    }),
  );
  exchange.session.connection.requestFlush();
};

/** In pieces, as far as the window allows, each time there is room. */
const piecewise: Reply = (exchange) => {
  const piece = new Uint8Array(10_000);
  let left = MIB;
  exchange.begin(200, [], MIB);
  const write = (): void => {
    while (left > 0 && exchange.session.connection.writeAllowance() >= piece.length) {
      const bytes = Math.min(left, piece.length);
      exchange.write(piece, 0, bytes);
      left -= bytes;
    }
    if (left > 0) return;
    exchange.onWritable = null;
    exchange.end();
  };
  exchange.onWritable = write;
  write();
};

function http(reply: Reply, options: Omit<WireOptions<HttpSession>, 'session'>) {
  const uploads = { bytes: 0, ended: false };
  const handler: HttpHandler = {
    onRequest(exchange) {
      if (exchange.method === 'GET') {
        reply(exchange);
        return;
      }
      exchange.body = {
        onData: (_bytes, start, end) => void (uploads.bytes += end - start),
        onEnd: () => {
          uploads.ended = true;
          exchange.reply(204, []);
        },
      };
    },
    onReplied() {},
    errorReply: () => ({ headers: [], body: Buffer.from('error') }),
  };
  const wire = new Wire({
    session: (pool) => new HttpSession(new Http1Engine({ role: 'server', pool, limits: { maxBodyBytes: 4 * MIB } }), handler, { keepAliveTimeoutMs: 30_000 }),
    ...options,
  });
  return { wire, uploads };
}

/** All but the last, and the first, which has the head in it: never a tiny part of the rate. */
function expectSizeableChunks(arrivals: ReadonlyMap<number, number>): void {
  const chunks = [...arrivals.values()];
  expect(chunks.length).toBeGreaterThan(20);
  for (const bytes of chunks.slice(1, -1)) expect(bytes).toBeGreaterThanOrEqual(0.05 * rate);
}

describe.each([
  ['in the clear', false],
  ['with TLS', true],
] as const)('1 MiB at 100 KiB/s, %s', (_name, secure) => {
  it.each([
    ['from memory', inMemory, ''],
    ['from a file', fromFile, ''],
    ['from a stream', fromStream, ''],
    ['in pieces that keep to the window', piecewise, ''],
    ['before the connection closes', inMemory, 'Connection: close\r\n'],
  ])('leaves in 10 s, in chunks that are not tiny: %s', async (_from, reply, more) => {
    const { wire } = http(reply, { secure, throttles: { outBytesPerSecond: rate }, windows: { outboundBytes: 64 * KIB, outboundLowBytes: 16 * KIB } });
    const { peer } = wire;
    peer.send(`GET / HTTP/1.1\r\nHost: h\r\n${more}\r\n`);
    await wire.until(() => peer.text.includes('\r\n\r\n'));
    const startedAt = wire.nowMs;
    expect(wire.crashes).toEqual([]);
    expect(await wire.until(() => peer.bytes === headBytes(peer.text) + MIB, 30_000)).toBe(true);
    expect(wire.nowMs - startedAt).toBeGreaterThan(9000);
    expect(wire.nowMs - startedAt).toBeLessThan(11_000);
    expectSizeableChunks(peer.arrivals);
    await wire.settle();
    if (more !== '') expect(wire.connection.state.label).toBe('draining.lingering');
    wire.connection.abort();
    expect(await wire.held()).toEqual(nothingHeld);
  });

  it('arrives in 10 s, and the peer is not blamed for it', async () => {
    const { wire, uploads } = http(inMemory, { secure, throttles: { inBytesPerSecond: rate }, timeouts: { requestTimeoutMs: 3000 } });
    const arrivals = new Map<number, number>();
    wire.peer.send(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${MIB}\r\n\r\n`);
    wire.peer.send(new Uint8Array(MIB));
    let seen = 0;
    await wire.until(() => uploads.bytes > 0);
    const startedAt = wire.nowMs;
    const done = await wire.until(() => {
      if (uploads.bytes > seen) {
        arrivals.set(wire.nowMs, (arrivals.get(wire.nowMs) ?? 0) + uploads.bytes - seen);
        seen = uploads.bytes;
      }
      return uploads.ended;
    }, 30_000);
    expect(done).toBe(true);
    expect(wire.nowMs - startedAt).toBeGreaterThan(9000);
    expect(wire.nowMs - startedAt).toBeLessThan(11_000);
    for (const bytes of [...arrivals.values()].slice(1, -1)) expect(bytes).toBeGreaterThanOrEqual(0.05 * rate);
    expect(wire.closes).toEqual([]);
    wire.connection.abort();
    expect(await wire.held()).toEqual(nothingHeld);
  });
});

/** A line session that is never idle. */
const lines = (options: Omit<StageOptions<LineSession>, 'session'> = {}) =>
  stage({
    ...options,
    session: (pool) => Object.assign(new LineSession(pool), { idleTimeoutMs: 0 }),
    windows: { outboundBytes: 10_000, outboundLowBytes: 2000, coalesceBytes: 10_000, ...options.windows },
  });

describe('set on one connection', () => {
  it('holds from now on, is told, and can be lifted while it is suspended', () => {
    const { connection, endpoint, session, turn, clock } = lines();
    endpoint.arrive('hello\n');
    turn();
    expect(connection.throttle('out')).toBe(0);
    connection.setThrottle('out', 1000);
    expect(connection.throttle('out')).toBe(1000);
    session.say('x'.repeat(4999));
    connection.requestFlush();
    turn();
    expect(endpoint.sent).toHaveLength(6 + 250);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.throttled)');
    expect(connection.armedTimers()).toContainEqual({ name: 'throttleOut', leftMs: 250 });
    expect([connection.queuedBytes, connection.wantWrite]).toEqual([4750, true]);
    clock.advanceBy(100);
    connection.setThrottle('out', 0);
    expect(endpoint.sent).toHaveLength(5006);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
    expect(connection.armedTimers()).toEqual([]);
  });

  it('may be changed while it is suspended: a lower rate makes that pause no longer, a higher one ends it', () => {
    const { connection, endpoint, session, turn, clock } = lines({ throttles: { outBytesPerSecond: 1000 } });
    endpoint.arrive('hello\n');
    session.say('x'.repeat(4999));
    connection.requestFlush();
    turn();
    connection.setThrottle('out', 10);
    expect(connection.state.label).toContain('outbound.throttled');
    clock.advanceBy(240);
    expect(endpoint.sent).toHaveLength(250);
    clock.advanceBy(10_000);
    expect(endpoint.sent.length).toBeGreaterThan(340);
    expect(endpoint.sent.length).toBeLessThan(360);
    connection.setThrottle('out', 100_000);
    clock.advanceBy(10);
    expect(endpoint.sent.length).toBeGreaterThanOrEqual(5000);
    expect(connection.state.label).toContain('outbound.clear');
  });

  it('inbound: reading goes on when the limit is lifted', () => {
    const { connection, endpoint, session } = lines();
    endpoint.arrive('hello\n');
    connection.setThrottle('in', 10);
    endpoint.arrive('more than ten bytes of it\n');
    expect(session.events).toEqual(['hello', 'more than ten bytes of it']);
    expect([endpoint.reading, connection.wantRead]).toEqual([false, false]);
    expect(connection.state.label).toBe('established(inbound.throttled outbound.clear)');
    connection.setThrottle('in', 1);
    expect(endpoint.reading).toBe(false);
    connection.setThrottle('in', 0);
    expect(endpoint.reading).toBe(true);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
  });

  it.each([-1, NaN, Infinity])('refuses %d', (bytesPerSecond) => {
    const { connection } = lines();
    expect(() => connection.setThrottle('in', bytesPerSecond)).toThrow(RangeError);
  });

  it('is nothing to a connection that is closed', () => {
    const { connection, wheel } = lines();
    connection.abort();
    connection.setThrottle('in', 1);
    connection.setThrottle('out', 1);
    expect(connection.throttle('in')).toBe(0);
    expect(wheel.size).toBe(0);
  });
});

describe('a throttle and the windows', () => {
  it('keeps reading while the window has room, stops at once when it is full, and tells of room again', () => {
    const { connection, endpoint, session, turn, clock } = lines({ throttles: { outBytesPerSecond: 1000 }, windows: { outboundBytes: 1000, outboundLowBytes: 250, coalesceBytes: 100 } });
    endpoint.arrive('hello\nbig 500\n');
    turn();
    expect(connection.state.label).toBe('established(inbound.flowing outbound.throttled)');
    expect(endpoint.reading).toBe(true);
    expect(connection.writeAllowance()).toBe(1000 - (506 - 250));
    endpoint.arrive(`big 900\n${'more\n'.repeat(50)}`);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.chokedThrottled)');
    expect([endpoint.reading, connection.writeAllowance()]).toEqual([false, 0]);
    expect(session.events).not.toContain('more');
    expect(session.events).not.toContain('(writable)');
    clock.advanceBy(2000);
    expect(session.events).toContain('(writable)');
    expect(session.events.filter((event) => event === 'more')).toHaveLength(50);
    expect(endpoint.reading).toBe(true);
    clock.advanceBy(2000);
    expect(endpoint.sent).toHaveLength(506 + 900 + 250);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
  });

  it('handles what was read before the rate was used up', () => {
    const { endpoint, session, connection, turn, clock } = lines({ throttles: { inBytesPerSecond: 100 } });
    endpoint.arrive('hello\nwait\nafter that one\n');
    turn();
    expect(connection.state.label).toBe('established(inbound.quenchedThrottled outbound.clear)');
    session.unblock();
    expect(session.events).toEqual(['hello', 'wait', 'after that one']);
    expect(connection.state.label).toBe('established(inbound.throttled outbound.clear)');
    expect(endpoint.reading).toBe(false);
    clock.advanceBy(300);
    expect(endpoint.reading).toBe(true);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
  });

  it('stays quenched when the throttle wakes first', () => {
    const { endpoint, session, connection, clock } = lines({ throttles: { inBytesPerSecond: 100 } });
    endpoint.arrive('hello\nwait\nafter that one\n');
    clock.advanceBy(500);
    expect(connection.state.label).toBe('established(inbound.quenched outbound.clear)');
    expect(endpoint.reading).toBe(false);
    session.unblock();
    expect(endpoint.reading).toBe(true);
  });

  it('keeps to the rate, the window and the order under random schedules, in any state', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('say' as const), bytes: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ type: fc.constant('arrive' as const), bytes: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.nat(400) }),
      fc.record({ type: fc.constant('rate' as const), direction: fc.constantFrom('in' as const, 'out' as const), rate: fc.constantFrom(0, 500, 2000) }),
      fc.record({ type: fc.constant('stall' as const) }),
      fc.record({ type: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 1000 }) }),
      fc.record({ type: fc.constant('drain' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 50 }), (actions) => {
        const { connection, endpoint, session, turn, clock, pool, wheel } = lines({
          throttles: { inBytesPerSecond: 1000, outBytesPerSecond: 1000 },
          windows: { outboundBytes: 1000, outboundLowBytes: 250, coalesceBytes: 100 },
          timeouts: { closeTimeoutMs: 100_000 },
        });
        endpoint.arrive('hello\n');
        let expected = 'HELLO\n';
        let drained = false;
        for (const step of actions) {
          if (step.type === 'say' && !drained && connection.admit(step.bytes + 1)) {
            session.say('s'.repeat(step.bytes));
            expected += `${'s'.repeat(step.bytes)}\n`;
            connection.requestFlush();
          } else if (step.type === 'arrive' && endpoint.reading && !drained) {
            endpoint.arrive(`${'a'.repeat(step.bytes)}\n`);
            expected += `${'A'.repeat(step.bytes)}\n`;
          } else if (step.type === 'pass') {
            clock.advanceBy(step.ms);
          } else if (step.type === 'rate') {
            connection.setThrottle(step.direction, step.rate);
          } else if (step.type === 'stall') {
            endpoint.capacity = 0;
          } else if (step.type === 'take') {
            if (endpoint.capacity === Infinity) endpoint.capacity = 0;
            endpoint.take(step.bytes);
          } else if (step.type === 'drain' && !drained) {
            drained = true;
            connection.drain();
            expected += 'BYE\n';
          }
          const heldBack = connection.armedTimers().some(({ name }) => name === 'throttleIn');
          if (heldBack) expect(endpoint.reading).toBe(false);
          expect(connection.wantRead).toBe(endpoint.reading);
          expect(connection.wantWrite).toBe(connection.queuedBytes > 0);
          expect(connection.queuedBytes).toBeLessThanOrEqual(1000 + 401);
          if (!drained && connection.queuedBytes >= 1000 + 100) expect(connection.state.paused).toBe(true);
        }
        for (let i = 0; i < 80; i++) {
          if (endpoint.capacity !== Infinity) endpoint.take(Infinity);
          clock.advanceBy(250);
        }
        turn();
        // Echoes come when they come; nothing is lost, nothing is torn.
        expect(endpoint.sent.split('\n').toSorted()).toEqual(expected.split('\n').toSorted());
        if (drained) expect(endpoint.isShutdown).toBe(true);
        else expect(endpoint.reading).toBe(true);
        connection.abort();
        expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
        expect(wheel.size).toBe(0);
      }),
    );
  });
});

describe('closing does not get around a throttle', () => {
  it('in writeAndAbort: the error text leaves at the rate, however long, and what comes in is read at its rate', () => {
    const { connection, endpoint, session, clock, closes } = lines({
      throttles: { inBytesPerSecond: 1000, outBytesPerSecond: 1000 },
      timeouts: { closeTimeoutMs: 600 },
    });
    endpoint.arrive('hello\n');
    session.say('x'.repeat(4999));
    connection.fail('protocolError');
    clock.advanceBy(0);
    expect(endpoint.sent.length).toBeLessThan(300);
    endpoint.arrive('y'.repeat(2000));
    expect(endpoint.reading).toBe(false);
    clock.advanceBy(3000);
    expect(endpoint.closed).toBe(null);
    expect(endpoint.sent.length).toBeLessThan(3600);
    expect(endpoint.reading).toBe(true);
    clock.advanceBy(2100);
    expect(endpoint.sent).toHaveLength(5006);
    expect(endpoint.isShutdown).toBe(true);
    clock.advanceBy(700);
    expect([endpoint.closed, closes]).toEqual(['abort', ['protocolError']]);
  });

  it('nor does a drain, and the goodbye comes behind it', () => {
    const { connection, endpoint, session, clock } = lines({ throttles: { outBytesPerSecond: 1000 }, timeouts: { closeTimeoutMs: 200 } });
    endpoint.arrive('hello\n');
    session.say('x'.repeat(2999));
    connection.drain();
    clock.advanceBy(1000);
    expect(connection.armedTimers().map(({ name }) => name)).toContain('throttleOut');
    expect(endpoint.sent.length).toBeLessThan(1600);
    clock.advanceBy(2500);
    expect(endpoint.sent).toHaveLength(6 + 3000 + 4);
    expect(endpoint.isShutdown).toBe(true);
  });

  it('but a peer that takes nothing is cut off all the same', () => {
    const { connection, endpoint, session, clock, closes } = lines({ throttles: { outBytesPerSecond: 1000 }, timeouts: { closeTimeoutMs: 600 } });
    endpoint.arrive('hello\n');
    endpoint.capacity = 0;
    session.say('x'.repeat(9000));
    connection.fail('protocolError');
    clock.advanceBy(1500);
    expect([endpoint.closed, closes]).toEqual(['abort', ['protocolError']]);
  });

  it('a slow request is excused only where we did not read', () => {
    const timeouts = { requestTimeoutMs: 1000, handshakeTimeoutMs: 1000 };
    const slow = lines({ throttles: { inBytesPerSecond: 100 }, timeouts });
    slow.endpoint.arrive('x'.repeat(90));
    slow.clock.advanceBy(1100);
    expect(slow.connection.state.phase).toBe('handshake');
    slow.clock.advanceBy(1100);
    expect(slow.connection.reason).toBe('handshakeTimeout');
  });

  it('a request that trickles in is not excused for longer by short bursts over the rate', () => {
    const { connection, endpoint, clock } = lines({ throttles: { inBytesPerSecond: 1000 }, timeouts: { handshakeTimeoutMs: 3000 } });
    while (connection.reason === null && clock.now() < 20_000) {
      endpoint.arrive('x'.repeat(260));
      expect(endpoint.reading).toBe(false);
      clock.advanceBy(1500);
    }
    expect(connection.reason).toBe('handshakeTimeout');
    // Three seconds of reading, and the quarter behind each burst in which we did not read.
    expect(clock.now()).toBe(4500);
  });

  it('holds before the greeting, too, and over it', () => {
    const { connection, endpoint, session, clock, turn } = lines({ throttles: { inBytesPerSecond: 100, outBytesPerSecond: 10 } });
    session.say('welcome to all of you');
    connection.requestFlush();
    endpoint.arrive('hel');
    turn();
    endpoint.arrive(`lo\n${'x'.repeat(30)}`);
    expect(endpoint.reading).toBe(false);
    expect(connection.state.label).toBe('established(inbound.throttled outbound.throttled)');
    clock.advanceBy(10_000);
    expect(endpoint.sent).toBe('welcome to all of you\nHELLO\n');
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
  });
});

describe('a throttled WebSocket', () => {
  const quiet = { onOpen() {}, onMessage: () => true, onWritable() {}, onClose() {} };
  const ping = '\x89\x82\0\0\0\0hi';

  function socket(outBytesPerSecond: number) {
    const staged = stage({
      session: (pool: Pool) => new WebSocketSession(new WebSocketEngine({ role: 'server', pool }), quiet, { pingIntervalMs: 0, idleTimeoutMs: 0 }),
      windows: { outboundBytes: 100_000, outboundLowBytes: 25_000, coalesceBytes: 50_000 },
      throttles: { outBytesPerSecond },
    });
    staged.connection.established();
    return staged;
  }

  it('answers a ping before the messages that wait, at the end of the frame that is under way', () => {
    const { endpoint, session, turn, clock } = socket(1000);
    for (const letter of 'abcdef') session.send(1, Buffer.alloc(400, letter));
    turn();
    expect(endpoint.sent.length).toBe(250);
    endpoint.arrive(ping);
    clock.advanceBy(600);
    expect(endpoint.sent.slice(0, 408)).toBe(`\x81\x7e\x01\x90${'a'.repeat(400)}\x8a\x02hi`);
    clock.advanceBy(4000);
    expect(endpoint.sent.slice(408)).toBe([...'bcdef'].map((letter) => `\x81\x7e\x01\x90${letter.repeat(400)}`).join(''));
  });

  it('answers between the fragments of a message without disturbing it', () => {
    const { endpoint, session, turn, clock } = socket(1000);
    session.engine.sendFrame(1, Buffer.alloc(300, 'a'), 0, 300, false);
    session.engine.sendFrame(0, Buffer.alloc(300, 'b'), 0, 300, true);
    session.connection.requestFlush();
    turn();
    endpoint.arrive(ping);
    clock.advanceBy(2000);
    expect(endpoint.sent).toBe(`\x01\x7e\x01\x2c${'a'.repeat(300)}\x8a\x02hi\x80\x7e\x01\x2c${'b'.repeat(300)}`);
  });

  it('stays a sequence of whole frames for any schedule, also when the limit comes and goes', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('send' as const), bytes: fc.integer({ min: 0, max: 900 }) }),
      fc.record({ type: fc.constant('ping' as const) }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.nat(300) }),
      fc.record({ type: fc.constant('rate' as const), rate: fc.constantFrom(0, 300, 3000) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const { endpoint, session, connection, clock, pool } = socket(1000);
        let messages = 0;
        let pings = 0;
        for (const step of actions) {
          if (step.type === 'send') {
            const frame = shareBytes(pool, Buffer.concat([Buffer.from([0x82, 126, step.bytes >> 8, step.bytes & 255]), Buffer.alloc(step.bytes, 'm')]));
            session.sendShared(frame);
            frame.release();
            messages++;
          } else if (step.type === 'ping') {
            endpoint.arrive(ping);
            pings++;
          } else if (step.type === 'pass') {
            clock.advanceBy(step.ms);
          } else {
            connection.setThrottle('out', step.rate);
          }
        }
        connection.setThrottle('out', 0);
        clock.advanceBy(0);
        const opcodes = [...framesOf(endpoint.sent)];
        expect(opcodes.filter((opcode) => opcode === 2)).toHaveLength(messages);
        expect(opcodes.filter((opcode) => opcode === 10)).toHaveLength(pings);
        expect(connection.queuedBytes).toBe(0);
        connection.abort();
        expect(pool.outstanding().bytes).toBe(0);
      }),
    );
  });

  it('is reached by an upgrade whose answer is still held back: that leaves first', () => {
    const { connection, endpoint, turn, clock, pool } = lines({ throttles: { outBytesPerSecond: 100 } });
    endpoint.arrive('hello\n');
    turn();
    const before = connection.session as LineSession;
    before.say('101 '.repeat(20));
    const next = new WebSocketSession(new WebSocketEngine({ role: 'server', pool }), quiet, { pingIntervalMs: 0, idleTimeoutMs: 0 });
    connection.handOver(next, null);
    next.send(1, Buffer.from('first'));
    endpoint.arrive(ping);
    clock.advanceBy(5000);
    expect(endpoint.sent).toBe(`HELLO\n${'101 '.repeat(20)}\n\x8a\x02hi\x81\x05first`);
  });
});

/** The opcodes of the frames a text consists of; throws where one is torn. */
function* framesOf(text: string): Generator<number> {
  let at = 0;
  while (at < text.length) {
    const [first, second] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
    const length = second === 126 ? text.charCodeAt(at + 2) * 256 + text.charCodeAt(at + 3) : second;
    const payload = text.slice(at + (second === 126 ? 4 : 2), at + (second === 126 ? 4 : 2) + length);
    if (!(payload === 'm'.repeat(length) || payload === 'hi')) throw new Error(`a torn frame at ${at}`);
    yield first & 15;
    at += (second === 126 ? 4 : 2) + length;
  }
}
