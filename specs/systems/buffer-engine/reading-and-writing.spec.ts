// Lines 5 and 6: reading stops at once, and writing is the endpoint's to time.

import { Opcode } from '@sluice/websocket';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { drivenSocket } from '../../support/driven-connection.ts';
import { SessionsAt, placeNames } from '../../support/places.ts';
import { RecordingHandler, socketServer } from '../../support/socket-server.ts';
import { frame, framesOf, opcodes } from '../../support/websocket-wire.ts';

const text = (payload: string): Buffer => frame({ opcode: opcodes.text, payload });
const ping = (payload: string): Buffer => frame({ opcode: opcodes.ping, payload });

let closing: (() => Promise<void>) | null = null;
afterEach(async () => {
  const close = closing;
  closing = null;
  await close?.();
});

describe('5. reading stops immediately: paused inside a callback, zero further callbacks until resume, then all, in order', () => {
  const names = Array.from({ length: 100 }, (_, at) => `after ${at}`);

  it.each(placeNames)('%s: with 100 frames already there', async (name) => {
    const handler = new RecordingHandler();
    handler.goesOn = (message) => message !== 'pause';
    const at = await SessionsAt.start(name, socketServer(() => handler));
    closing = () => at.stopAndCheck();
    const peer = await at.connect();
    peer.upgrade('/');
    await at.until('the socket', () => peer.isOpen);
    const [connection] = at.registry.all();
    for (let rounds = 1; rounds <= 3; rounds++) {
      peer.sendText('pause', ...names);
      await at.until('the pause', () => handler.seen.length > (rounds - 1) * 101);
      expect(connection!.wantRead).toBe(false);
      await at.place.settle();
      // More of everything that might wake it.
      peer.sendFrame({ opcode: opcodes.ping, payload: 'anybody?' });
      connection!.requestFlush();
      connection!.onProgress();
      await at.place.settle();
      expect(handler.seen.length).toBe((rounds - 1) * 101 + 1);
      expect(peer.frames.filter(({ opcode }) => opcode === opcodes.pong)).toHaveLength(rounds - 1);
      handler.socket.resume();
      await at.until('all of them', () => handler.seen.length === rounds * 101);
      expect(handler.seen.slice(-101)).toEqual(['pause', ...names]);
      await at.until('the pong', () => peer.frames.length === rounds);
    }
  });

  it('with frames that are cut up and come while it pauses again and again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (pieces, every) => {
        const handler = new RecordingHandler();
        handler.goesOn = () => handler.seen.length % every !== 0;
        const { endpoint, session } = drivenSocket(handler);
        const wire = Buffer.concat(names.map(text));
        let at = 0;
        for (const piece of [...pieces, wire.length]) {
          const end = Math.min(at + piece, wire.length);
          while (at < end) {
            if (endpoint.isReading) {
              endpoint.arrive(wire.subarray(at, end));
              at = end;
            } else {
              const before = handler.seen.length;
              expect(before % every).toBe(0);
              session.resume();
              // One pause's worth at a time.
              expect(handler.seen.length - before).toBeLessThanOrEqual(every);
            }
          }
        }
        while (handler.seen.length < names.length) session.resume();
        expect(handler.seen).toEqual(names);
      }),
      { numRuns: 60 },
    );
  });
});

describe('6. writes happen when the endpoint is writable; a truncated write goes first; a spurious wake-up does no harm', () => {
  it('what was cut goes on before anything that was made later, a control frame too', () => {
    const handler = new RecordingHandler();
    const { endpoint, session, turn } = drivenSocket(handler);
    endpoint.capacity = 5;
    session.send(Opcode.Text, Buffer.from('0123456789'));
    turn();
    expect(endpoint.sent).toBe('\x81\x0a012');
    endpoint.arrive(ping('now'));
    session.send(Opcode.Text, Buffer.from('later'));
    turn();
    expect(endpoint.sent).toBe('\x81\x0a012');
    for (let bytes = 0; bytes < 100; bytes++) {
      endpoint.take(1);
      turn();
    }
    expect(framesOf(endpoint.sent).map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [opcodes.text, '0123456789'],
      [opcodes.pong, 'now'],
      [opcodes.text, 'later'],
    ]);
  });

  it('nothing is written to an endpoint that takes nothing, and a wake-up changes nothing', () => {
    const action = fc.oneof(
      { weight: 3, arbitrary: fc.record({ type: fc.constant('message' as const), size: fc.integer({ min: 500, max: 4000 }) }) },
      fc.record({ type: fc.constant('take' as const), bytes: fc.nat(2000) }),
      fc.record({ type: fc.constant('turn' as const), bytes: fc.constant(0) }),
    );
    const run = (schedule: readonly { type: string; size?: number; bytes?: number }[], wakes: boolean) => {
      const handler = new RecordingHandler();
      handler.goesOn = (message) => {
        handler.socket.send(Opcode.Text, Buffer.from(message, 'latin1'));
        return true;
      };
      const { endpoint, connection, turn } = drivenSocket(handler);
      endpoint.capacity = 0;
      const states: unknown[] = [];
      let timesFull = 0;
      for (const { type, size = 0, bytes = 0 } of schedule) {
        if (type === 'message' && endpoint.isReading) endpoint.arrive(text('x'.repeat(size)));
        if (type === 'take') endpoint.take(bytes);
        if (wakes) {
          endpoint.wakeForNothing();
          connection.unblock();
          connection.flush();
          connection.requestFlush();
        }
        turn();
        if (!connection.wantRead) timesFull++;
        states.push([endpoint.sent.length, connection.queuedBytes, connection.wantRead, connection.wantWrite, connection.state.label, handler.seen.length]);
      }
      return { states, sent: endpoint.sent, timesFull };
    };
    let timesFull = 0;
    fc.assert(
      fc.property(fc.array(action, { minLength: 10, maxLength: 40 }), (schedule) => {
        const undisturbed = run(schedule, false);
        timesFull += undisturbed.timesFull;
        expect(run(schedule, true)).toEqual(undisturbed);
      }),
      { numRuns: 100 },
    );
    expect(timesFull, 'the schedules fill the window').toBeGreaterThan(20);
  });

  it.each(placeNames)('%s: whole frames in their order, however the endpoint stops and goes', async (name) => {
    const handler = new RecordingHandler();
    const at = await SessionsAt.start(name, socketServer(() => handler));
    closing = () => at.stopAndCheck();
    const peer = await at.connect();
    peer.upgrade('/');
    await at.until('the socket', () => peer.isOpen);
    const [connection] = at.registry.all();
    peer.endpoint.setReading(false);
    let made = 0;
    const make = (): void => handler.socket.send(Opcode.Text, Buffer.from(`${made++} `.padEnd(30_000, 'w')));
    for (let turns = 0; turns < 1000 && connection!.endpoint.queuedBytes === 0; turns++) {
      make();
      await at.place.settle();
    }
    expect(connection!.endpoint.queuedBytes).toBeGreaterThan(0);
    peer.sendFrame({ opcode: opcodes.ping, payload: 'now' });
    await at.place.settle();
    for (let more = 0; more < 3; more++) make();
    connection!.onProgress();
    connection!.unblock();
    peer.endpoint.setReading(true);
    await at.until('all of it', () => peer.messages.length === made);
    expect(peer.texts).toEqual(Array.from({ length: made }, (_, number) => `${number} `.padEnd(30_000, 'w')));
    expect(peer.frames.filter(({ opcode }) => opcode === opcodes.pong).map(({ payload }) => payload.toString())).toEqual(['now']);
  });
});
