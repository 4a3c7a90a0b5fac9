import { shareBytes } from '@sluice/brigade';
import { WebSocketEngine, encodeSharedFrame } from '@sluice/websocket';
import { describe, expect, it } from 'vitest';
import { WebSocketSession, type CloseReason, type Liveness, type WebSocketHandler } from '../src/index.ts';
import { stage } from './support/stage.ts';

class TestSocket implements WebSocketHandler {
  readonly messages: string[] = [];
  readonly events: string[] = [];
  accepts = true;

  onOpen(): void {
    this.events.push('open');
  }

  onMessage(socket: WebSocketSession, opcode: 1 | 2, bytes: Uint8Array, start: number, end: number): boolean {
    const text = Buffer.from(bytes.subarray(start, end)).toString();
    this.messages.push(text);
    if (text === 'crash') throw new Error('crashed');
    if (text === 'echo') socket.send(opcode, bytes, start, end);
    return this.accepts;
  }

  onPong(_socket: WebSocketSession, bytes: Uint8Array, start: number, end: number): void {
    this.events.push(`pong ${Buffer.from(bytes.subarray(start, end)).toString()}`);
  }

  onWritable(): void {
    this.events.push('writable');
  }

  onClose(_socket: WebSocketSession, reason: CloseReason): void {
    this.events.push(`close ${reason}`);
  }
}

function open(liveness: Liveness = { pingIntervalMs: 1000, idleTimeoutMs: 3000 }) {
  const handler = new TestSocket();
  const staged = stage({ session: (pool) => new WebSocketSession(new WebSocketEngine({ role: 'server', pool }), handler, liveness) });
  staged.connection.established();
  return { ...staged, handler };
}

/** A client's frame with a mask of zeroes. */
function frame(opcode: number, payload: string, fin = true): string {
  return String.fromCharCode((fin ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0) + payload;
}

describe('messages', () => {
  it('gives each to the handler, and sends', () => {
    const { endpoint, turn, handler } = open();
    endpoint.arrive(frame(1, 'one') + frame(1, 'echo'));
    turn();
    expect(handler.messages).toEqual(['one', 'echo']);
    expect(endpoint.sent).toBe('\x81\x04echo');
  });

  it('gives no further one to a handler that answered false, until it resumes', () => {
    const { endpoint, handler, session } = open();
    handler.accepts = false;
    endpoint.arrive(frame(1, 'a') + frame(1, 'b') + frame(1, 'c'));
    expect(handler.messages).toEqual(['a']);
    expect(endpoint.reading).toBe(false);
    handler.accepts = true;
    session.resume();
    expect(handler.messages).toEqual(['a', 'b', 'c']);
    expect(endpoint.reading).toBe(true);
  });

  it('gives pongs to a handler that wants them, in their place between messages', () => {
    const { endpoint, handler } = open();
    endpoint.arrive(frame(1, 'a') + frame(10, 'here') + frame(1, 'b'));
    expect(handler.messages).toEqual(['a', 'b']);
    expect(handler.events).toContain('pong here');
  });

  it('answers a ping before data that is queued', () => {
    const { endpoint, turn } = open();
    endpoint.arrive(frame(1, 'echo') + frame(9, 'p'));
    turn();
    expect(endpoint.sent).toBe('\x8a\x01p\x81\x04echo');
  });

  it('queues shared frames by reference up to the window, and one larger frame when nothing waits', () => {
    const { endpoint, session, host, pool } = open();
    const bytes = Buffer.alloc(600, 'x');
    const shared = encodeSharedFrame(pool, 2, bytes, 0, bytes.length);
    endpoint.capacity = 0;
    expect(session.sendShared(shared)).toBe(true);
    expect(session.sendShared(shared)).toBe(false);
    expect(session.connection.queuedBytes).toBeLessThanOrEqual(host.windows.outboundBytes);
    endpoint.take(Infinity);
    const large = encodeSharedFrame(pool, 2, Buffer.alloc(5000), 0, 5000);
    expect(session.sendShared(large)).toBe(true);
    shared.release();
    large.release();
    endpoint.gone();
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('tells the handler when there is room again', () => {
    const { endpoint, session, handler, pool, turn } = open();
    const shared = shareBytes(pool, Buffer.alloc(1000));
    endpoint.capacity = 0;
    session.sendShared(shared);
    shared.release();
    turn();
    endpoint.take(Infinity);
    expect(handler.events).toContain('writable');
  });
});

describe('closing', () => {
  it('answers the peer’s close frame, and ends', () => {
    const { endpoint, turn, closes, handler } = open();
    endpoint.arrive(frame(8, '\x03\xe8') + frame(1, 'ignored'));
    turn();
    expect(endpoint.sent).toBe('\x88\x02\x03\xe8');
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(closes).toEqual(['peerClosed']);
    expect(handler.messages).toEqual([]);
    expect(handler.events.at(-1)).toBe('close peerClosed');
  });

  it('says 1001 when it is drained, and waits for the answer', () => {
    const { endpoint, connection, turn, closes } = open();
    connection.drain();
    turn();
    expect(endpoint.sent).toBe('\x88\x02\x03\xe9');
    expect(endpoint.isShutdown).toBe(false);
    endpoint.arrive(frame(8, '\x03\xe9'));
    turn();
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(closes).toEqual(['drained']);
  });

  it('closes with a code and text of the application’s own', () => {
    const { endpoint, session, turn } = open();
    session.close(1008, 'no', 'refused');
    session.close(1000, 'again', 'served');
    turn();
    expect(endpoint.sent).toBe('\x88\x04\x03\xf0no');
  });

  it.each([
    ['an unmasked frame', '\x81\x01x', '\x03\xea', 'protocolError'],
    ['text that is not UTF-8', frame(1, '\xff'), '\x03\xef', 'protocolError'],
  ])('refuses %s with its code', (_what, bytes, code, reason) => {
    const { endpoint, turn, closes } = open();
    endpoint.arrive(bytes);
    turn();
    expect(endpoint.sent.slice(0, 1)).toBe('\x88');
    expect(endpoint.sent.slice(2, 4)).toBe(code);
    endpoint.end();
    expect(closes).toEqual([reason]);
  });

  it('takes no further message once it has refused one', () => {
    const { endpoint, session, pool } = open();
    const shared = encodeSharedFrame(pool, 1, Buffer.from('late'), 0, 4);
    endpoint.arrive('\x81\x01x');
    expect(session.sendShared(shared)).toBe(true);
    expect(() => session.send(1, Buffer.from('late'))).not.toThrow();
    shared.release();
  });

  it('says 1011 when the handler fails, 1013 to a slow peer, and 4429 to one over its rate', () => {
    const crashed = open();
    crashed.endpoint.arrive(frame(1, 'crash'));
    crashed.turn();
    expect(crashed.endpoint.sent).toBe('\x88\x02\x03\xf3');
    const slow = open();
    slow.connection.reject('slowConsumer');
    slow.turn();
    expect(slow.endpoint.sent).toBe('\x88\x02\x03\xf5');
    const fast = open();
    fast.connection.reject('rateLimited');
    fast.turn();
    expect(fast.endpoint.sent).toBe('\x88\x02\x11\x4d');
  });

  it('tells who is sent away by a drain when to come back, each at another time', () => {
    const hinted = (random: number, baseMs = 1000) =>
      open({ pingIntervalMs: 0, idleTimeoutMs: 0, retryHint: () => baseMs + random * 500 });
    for (const [random, text] of [[0, 'retry-after-ms=1000'], [0.468, 'retry-after-ms=1234'], [0.9999, 'retry-after-ms=1500']] as const) {
      const { endpoint, connection, turn } = hinted(random);
      connection.drain();
      turn();
      expect(endpoint.sent).toBe(`\x88${String.fromCharCode(2 + text.length)}\x03\xe9${text}`);
    }
    const absurd = hinted(0.5, Number.MAX_VALUE);
    absurd.connection.drain();
    absurd.turn();
    expect(absurd.endpoint.sent.slice(4)).toBe('retry-after-ms=86400000');
  });

  it('gives no such hint to who ends for another reason, or where none is set', () => {
    const { endpoint, connection, turn } = open();
    connection.drain();
    turn();
    expect(endpoint.sent).toBe('\x88\x02\x03\xe9');
    const old = open({ pingIntervalMs: 0, idleTimeoutMs: 0, retryHint: () => 1 });
    old.connection.finish('sustainTimeout');
    old.turn();
    expect(old.endpoint.sent).toBe('\x88\x02\x03\xe9');
  });

  it.each(['drain', 'close'])('hears the peer’s answer behind messages that the handler was not ready for: %s', (how) => {
    const { endpoint, connection, session, handler, turn } = open();
    handler.accepts = false;
    endpoint.arrive(frame(1, 'one') + frame(1, 'two'));
    if (how === 'drain') connection.drain();
    else session.close(1000, '', 'served');
    turn();
    endpoint.arrive(frame(1, 'three') + frame(8, '\x03\xe9'));
    turn();
    expect(handler.messages).toEqual(['one']);
    expect(connection.state.label).toBe('draining.lingering');
  });

  it('at once leaves nothing to send with, and nothing behind', () => {
    const { endpoint, session, connection, handler, turn, pool, crashes } = open();
    const shared = encodeSharedFrame(pool, 1, Buffer.from('x'), 0, 1);
    handler.onMessage = (socket) => {
      socket.connection.abort();
      socket.send(1, Buffer.from('late'));
      return socket.sendShared(shared);
    };
    endpoint.arrive(frame(1, 'one'));
    session.close(1000, '', 'served');
    turn();
    shared.release();
    expect([endpoint.sent, connection.state.phase, crashes]).toEqual(['', 'closed', []]);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('takes FIN without a close frame for a truncation', () => {
    const { endpoint, turn, closes } = open();
    endpoint.end();
    turn();
    expect(closes).toEqual(['truncated']);
  });
});

describe('a quiet peer', () => {
  it('is pinged, and kept while it answers', () => {
    const { endpoint, clock, closes } = open();
    for (let i = 0; i < 5; i++) {
      clock.advanceBy(1100);
      expect(endpoint.sent.endsWith('\x89\x00')).toBe(true);
      endpoint.arrive(frame(10, ''));
    }
    expect(closes).toEqual([]);
  });

  it('is taken for gone after the idle time', () => {
    const { endpoint, clock, closes } = open();
    clock.advanceBy(3100);
    expect(endpoint.sent).toBe('\x89\x00\x89\x00\x88\x02\x03\xe9');
    clock.advanceBy(11_000);
    expect(closes).toEqual(['idleTimeout']);
    expect(endpoint.closed).toBe('abort');
  });
});
