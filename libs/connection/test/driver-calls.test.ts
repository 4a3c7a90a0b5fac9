// The driver as a library's user meets it: windows, halves that close by themselves, wake-ups that mean nothing, adoption.

import { WebSocketEngine } from '@sluice/websocket';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocketSession, type Connection, type WebSocketHandler } from '../src/index.ts';
import { LineSession } from './support/line-session.ts';
import { stage, type StageOptions } from './support/stage.ts';
import { Wire, nothingHeld } from './support/wire.ts';

const open = (options: Omit<StageOptions<LineSession>, 'session'> = {}) =>
  stage({ ...options, session: (pool) => new LineSession(pool) });

/** A client's text frame with a mask of zeroes. */
const frame = (payload: string): string => `${String.fromCharCode(0x81, 0x80 | payload.length, 0, 0, 0, 0)}${payload}`;

describe('the windows', () => {
  it('never exceed their caps for a session that keeps to its allowance, and each side is wanted exactly when there is cause', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('arrive' as const), lines: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ type: fc.constant('write' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ type: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 1500 }) }),
      fc.record({ type: fc.constant('block' as const) }),
      fc.record({ type: fc.constant('unblock' as const) }),
      fc.record({ type: fc.constant('turn' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { endpoint, session, connection, turn, host } = open();
        const cap = host.windows.outboundBytes;
        const longestRead = 30 * 5;
        endpoint.arrive('hello\n');
        turn();
        endpoint.capacity = 0;
        for (const step of actions) {
          if (step.type === 'arrive' && endpoint.reading) endpoint.arrive('some\n'.repeat(step.lines));
          if (step.type === 'write') {
            const bytes = Math.floor(step.share * connection.writeAllowance());
            if (bytes > 0) session.say('w'.repeat(bytes - 1));
            connection.requestFlush();
          }
          if (step.type === 'take') endpoint.take(step.bytes);
          if (step.type === 'block' && endpoint.reading) endpoint.arrive('wait\nafter\n');
          if (step.type === 'unblock') session.unblock();
          if (step.type === 'turn') turn();
          // Echoes of at most one read may lie above what the session writes by its allowance.
          expect(connection.queuedBytes).toBeLessThanOrEqual(cap + host.windows.coalesceBytes + longestRead);
          expect(session.heldBytes).toBeLessThanOrEqual(longestRead);
          expect(connection.wantRead).toBe(session.heldBytes === 0 && !connection.state.paused);
          expect(connection.wantRead).toBe(endpoint.reading);
          expect(connection.wantWrite).toBe(connection.queuedBytes > 0);
          expect(connection.writeAllowance()).toBe(Math.max(0, cap - connection.queuedBytes));
        }
      }),
    );
  });

  it('are closed when the connection is: nothing is wanted any more', () => {
    const { connection, session } = open();
    session.say('unsent');
    expect(connection.wantWrite).toBe(true);
    connection.abort();
    expect([connection.wantRead, connection.wantWrite]).toEqual([false, false]);
  });
});

describe('a handler that pauses', () => {
  class Pausing implements WebSocketHandler {
    readonly seen: string[] = [];
    accepts = true;
    onOpen(): void {}
    onMessage(_socket: WebSocketSession, _opcode: 1 | 2, bytes: Uint8Array, start: number, end: number): boolean {
      this.seen.push(Buffer.from(bytes.subarray(start, end)).toString());
      return this.accepts && !this.seen.at(-1)!.startsWith('pause');
    }
    onWritable(): void {}
    onClose(): void {}
  }

  it('inside a callback gets none of the hundred frames that are parsed already, until it resumes; then all, in order', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 12 }), (pauseAt, chunks) => {
        const handler = new Pausing();
        const { endpoint, connection, session, turn } = stage({
          session: (pool) => new WebSocketSession(new WebSocketEngine({ role: 'server', pool }), handler, { pingIntervalMs: 0, idleTimeoutMs: 0 }),
        });
        connection.established();
        const names = [...Array.from({ length: pauseAt }, (_, at) => `before ${at}`), 'pause', ...Array.from({ length: 100 }, (_, at) => `after ${at}`)];
        const wire = names.map(frame).join('');
        let at = 0;
        const arrive = (): void => {
          for (const size of [...chunks, wire.length]) {
            if (!endpoint.reading || at >= wire.length) return;
            endpoint.arrive(wire.slice(at, at + size));
            at += size;
          }
        };
        arrive();
        const seen = handler.seen.length;
        expect(handler.seen.at(-1)).toBe('pause');
        expect(connection.wantRead).toBe(false);
        turn();
        endpoint.take(1);
        connection.requestFlush();
        turn();
        expect(handler.seen).toHaveLength(seen);
        session.resume();
        arrive();
        expect(handler.seen).toEqual(names);
      }),
    );
  });
});

describe('writing', () => {
  it('goes on with a truncated write before anything that was made later', () => {
    const { endpoint, session, connection, turn } = open();
    endpoint.arrive('hello\n');
    turn();
    endpoint.capacity = 4;
    session.say('0123456789');
    connection.requestFlush();
    turn();
    session.say('later');
    connection.requestFlush();
    turn();
    expect(endpoint.sent).toBe('HELLO\n0123');
    endpoint.take(Infinity);
    expect(endpoint.sent).toBe('HELLO\n0123456789\nlater\n');
  });

  it('that waits for room hears of it when all leaves at the end of the turn, and nothing is queued behind it', () => {
    const { session, connection, turn } = open({ windows: { coalesceBytes: 5000 } });
    session.say('w'.repeat(989));
    expect(connection.writeAllowance()).toBe(10);
    expect(session.events).toEqual([]);
    turn();
    expect([session.events, connection.writeAllowance()]).toEqual([['(writable)'], 1000]);
    turn();
    expect(session.events).toEqual(['(writable)']);
  });

  it('takes no harm from wake-ups that mean nothing', () => {
    const { endpoint, connection, session, turn, steps, clock } = open();
    endpoint.arrive('hello\n');
    turn();
    const before = { label: connection.state.label, sent: endpoint.sent, steps: steps.length };
    connection.onProgress();
    connection.flush();
    connection.unblock();
    connection.requestFlush();
    connection.onTimeout('throttleIn');
    connection.onTimeout('throttleOut');
    turn();
    expect({ label: connection.state.label, sent: endpoint.sent, steps: steps.length }).toEqual(before);
    expect([endpoint.reading, session.events.includes('hello')]).toEqual([true, true]);
    connection.abort();
    connection.onProgress();
    connection.flush();
    connection.unblock();
    clock.advanceBy(1000);
    expect(endpoint.sent).toBe(before.sent);
  });
});

describe('the two halves', () => {
  it('close separately: what the peer asked for before its FIN is delivered, however slowly', async () => {
    const wire = new Wire({ session: (pool) => new LineSession(pool), network: { pipeBytes: 64 } });
    wire.peer.send('hello\nbig 2000\n');
    wire.peer.endpoint.shutdown();
    await wire.until(() => wire.closes.length > 0, 5000);
    await wire.settle();
    expect(wire.closes).toEqual(['peerClosed']);
    expect(wire.peer.bytes).toBe(6 + 2000);
    expect(await wire.held()).toEqual(nothingHeld);
  });

  it('close separately: after our FIN the peer is still listened to until its own', async () => {
    const wire = new Wire({ session: (pool) => new LineSession(pool) });
    wire.peer.send('hello\nquit\n');
    await wire.until(() => wire.peer.ended);
    expect(wire.connection.wantRead).toBe(true);
    wire.peer.send('still talking\n');
    await wire.settle();
    expect(wire.closes).toEqual([]);
    wire.peer.endpoint.shutdown();
    await wire.settle();
    expect(wire.closes).toEqual(['served']);
    expect(await wire.held()).toEqual(nothingHeld);
  });
});

describe('every kind of end is noticed, and nothing stays behind', () => {
  const started = async () => {
    const wire = new Wire({ session: (pool) => new LineSession(pool), timeouts: { closeTimeoutMs: 400 } });
    wire.peer.send('hello\n');
    await wire.until(() => wire.peer.text === 'HELLO\n');
    return wire;
  };

  it.each([
    ['FIN', 'peerClosed', (wire: Wire<LineSession>) => wire.peer.endpoint.shutdown()],
    ['FIN in the middle of a line', 'truncated', (wire: Wire<LineSession>) => (wire.peer.send('half'), wire.peer.endpoint.shutdown())],
    ['RST', 'transportError', (wire: Wire<LineSession>) => wire.peer.endpoint.abort()],
    ['the protocol’s own goodbye', 'served', (wire: Wire<LineSession>) => (wire.peer.send('quit\n'), wire.peer.endpoint.shutdown())],
    ['silence', 'idleTimeout', () => {}],
    ['a peer that is half open and takes nothing', 'idleTimeout', (wire: Wire<LineSession>) => wire.peer.endpoint.setReading(false)],
    ['a broken protocol', 'protocolError', (wire: Wire<LineSession>) => wire.peer.send('bad\n')],
  ] as const)('%s: %s', async (_kind, reason, act) => {
    const wire = await started();
    act(wire);
    await wire.until(() => wire.closes.length > 0, 10_000);
    expect(wire.closes).toEqual([reason]);
    expect(wire.session.events.at(-1)).toBe(`(end ${reason})`);
    expect(await wire.held()).toEqual(nothingHeld);
  });
});

describe('what the integrator hangs on a connection', () => {
  it('comes back with every call', () => {
    const seen: unknown[] = [];
    const { connection, host } = open();
    connection.userData = { account: 7 };
    const { observer } = host;
    const note = ({ userData }: Connection): void => void seen.push(userData);
    Object.assign(host, { observer: { onStep: note, onCrash: note, onClosed: (closed: Connection, reason: never) => (note(closed), observer.onClosed(closed, reason)) } });
    connection.crash(new Error('one'));
    connection.abort();
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(new Set(seen)).toEqual(new Set([{ account: 7 }]));
  });
});

describe('adoption', () => {
  it('reads what was read already first, then the rest, and counts it against the throttle', () => {
    const { endpoint, session, connection } = open({ leftover: Buffer.from('hello\nfir'), throttles: { inBytesPerSecond: 10 } });
    expect(session.events).toEqual(['hello']);
    expect(connection.wantRead).toBe(false);
    connection.setThrottle('in', 0);
    endpoint.arrive('st\n');
    expect(session.events).toEqual(['hello', 'first']);
  });

  it('that fails closes the endpoint', () => {
    const { closes, crashes, endpoint, pool, turn } = stage({
      session: (pool) =>
        Object.assign(new LineSession(pool), {
          attach() {
            throw new Error('not now');
          },
        }),
    });
    turn();
    expect([endpoint.sent, endpoint.isShutdown, crashes.length]).toEqual(['ERR internalError\n', true, 1]);
    endpoint.end();
    expect([endpoint.closed, closes]).toEqual(['close', ['internalError']]);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });
});
