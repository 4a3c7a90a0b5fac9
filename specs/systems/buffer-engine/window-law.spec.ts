// Lines 3 and 4: both windows are bounded, whatever happens.

import { Opcode } from '@sluice/websocket';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { drivenSocket } from '../../support/driven-connection.ts';
import { GatewayAt, SessionsAt, placeNames } from '../../support/places.ts';
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

describe('3. window law: wantRead ⇔ read space > 0, wantWrite ⇔ bytes to write > 0, write side full ⇒ reading off', () => {
  const longest = 3000;
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('arrive' as const), sizes: fc.array(fc.integer({ min: 0, max: longest }), { minLength: 1, maxLength: 5 }) }) },
    fc.record({ type: fc.constant('ping' as const), count: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ type: fc.constant('piece' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ type: fc.constant('write' as const), size: fc.integer({ min: 0, max: longest }) }),
    fc.record({ type: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 12_000 }) }),
    fc.record({ type: fc.constant('pause' as const) }),
    fc.record({ type: fc.constant('resume' as const) }),
    fc.record({ type: fc.constant('spurious' as const) }),
  );

  it('holds after each step of a random schedule, and neither window ever exceeds its cap', () => {
    let timesFull = 0;
    fc.assert(
      fc.property(fc.array(action, { minLength: 10, maxLength: 80 }), (schedule) => {
        const handler = new RecordingHandler();
        const { connection, endpoint, session, turn, over } = drivenSocket(handler);
        const { outboundBytes, outboundLowBytes } = connection.host.windows;
        /** A message, its header, and the pongs that wait at most. */
        const cap = outboundBytes + longest + 10 + 4096;
        let pauseNext = false;
        let isPaused = false;
        let isFull = false;
        let longestRead = 0;
        let partial: Buffer = Buffer.alloc(0);
        let expected = '';
        handler.goesOn = (message) => {
          handler.socket.send(Opcode.Text, Buffer.from(message, 'latin1'));
          isPaused = pauseNext;
          pauseNext = false;
          return !isPaused;
        };
        endpoint.capacity = 0;
        const arrive = (bytes: Buffer): void => {
          longestRead = Math.max(longestRead, bytes.length);
          endpoint.arrive(bytes);
        };
        for (const step of schedule) {
          if (step.type === 'arrive' && endpoint.isReading) {
            const payloads = step.sizes.map((size, at) => `${expected.length + at}:`.padEnd(size, '.'));
            expected += payloads.join('');
            arrive(Buffer.concat([partial, ...payloads.map(text)]));
            partial = Buffer.alloc(0);
          } else if (step.type === 'piece' && endpoint.isReading) {
            // Half of a message now, and the rest with what comes next.
            if (partial.length > 0) continue;
            const payload = 'half'.padEnd(700, '-');
            const whole = text(payload);
            const cut = Math.floor(step.share * (whole.length - 1));
            if (cut > 0) arrive(whole.subarray(0, cut));
            partial = whole.subarray(cut);
            expected += payload;
          } else if (step.type === 'ping' && endpoint.isReading && partial.length === 0) {
            arrive(Buffer.concat(Array.from({ length: step.count }, (_, at) => ping(`p${at}`))));
          } else if (step.type === 'write' && connection.admit(step.size + 4)) {
            session.send(Opcode.Binary, Buffer.alloc(step.size));
          } else if (step.type === 'take') endpoint.take(step.bytes);
          else if (step.type === 'pause') pauseNext = true;
          else if (step.type === 'resume') {
            isPaused = false;
            session.resume();
          } else if (step.type === 'spurious') endpoint.wakeForNothing();
          turn();
          if (endpoint.queuedBytes >= outboundBytes) isFull = true;
          else if (endpoint.queuedBytes <= outboundLowBytes) isFull = false;
          if (isFull) timesFull++;
          expect(connection.wantWrite).toBe(connection.queuedBytes > 0);
          expect(connection.wantRead).toBe(endpoint.isReading);
          // Between its marks a window that was full may be either.
          if (isFull && endpoint.queuedBytes >= outboundBytes) expect(connection.wantRead).toBe(false);
          if (isPaused) expect(connection.wantRead).toBe(false);
          if (!isPaused && !isFull) expect(connection.wantRead).toBe(true);
          expect(connection.queuedBytes).toBeLessThanOrEqual(cap);
          expect(session.heldBytes).toBeLessThanOrEqual(longestRead + 700);
        }
        // Once the other end takes everything, nothing that came is missing.
        endpoint.capacity = Infinity;
        for (let rounds = 0; rounds < 2; rounds++) {
          session.resume();
          endpoint.take(0);
          turn();
        }
        if (partial.length > 0) endpoint.arrive(partial);
        turn();
        expect(handler.seen.join('')).toBe(expected);
        framesOf(endpoint.sent);
        expect(over()).toEqual({ bytes: 0, deadlines: 0 });
      }),
      { numRuns: 150 },
    );
    expect(timesFull, 'the schedules fill the window').toBeGreaterThan(50);
  });

  it.each(placeNames)('%s: a client that sends and never reads is read no further than its window; once it reads, everything comes back', async (name) => {
    const outboundBytes = 64 * 1024;
    const at = await GatewayAt.start(name, { windows: { outboundBytes }, timeouts: { pingIntervalMs: 0, idleTimeoutMs: 0 } });
    closing = () => at.stopAndCheck();
    const peer = await at.open('/echo');
    peer.endpoint.setReading(false);
    const [connection] = at.running.gateway.registry.all();
    const message = (number: number): string => `${number} `.padEnd(8000, 'm');
    let sent = 0;
    // Until what it sends stays with itself: the gateway does not read, and the kernel, or the pipe, is full.
    for (; sent < 4000 && peer.endpoint.queuedBytes < 256 * 1024; sent++) {
      peer.sendText(message(sent));
      await at.place.settle();
      expect(connection!.queuedBytes).toBeLessThanOrEqual(outboundBytes + 8010);
    }
    expect(peer.endpoint.queuedBytes).toBeGreaterThan(0);
    expect(connection!.wantRead).toBe(false);
    expect(connection!.wantWrite).toBe(true);
    peer.endpoint.setReading(true);
    await at.until('all echoes', () => peer.messages.length === sent);
    expect(peer.texts).toEqual(Array.from({ length: sent }, (_, number) => message(number)));
    await at.place.settle();
    expect([connection!.wantRead, connection!.wantWrite]).toEqual([true, false]);
  });
});

describe('4. writeAllowance(): how much can be written now', () => {
  it('is what is left of the window, and a session that never exceeds it never queues past the cap', () => {
    const step = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), taken: fc.nat(9000), turn: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (schedule) => {
        const handler = new RecordingHandler();
        const { connection, endpoint, session, turn } = drivenSocket(handler);
        const { outboundBytes } = connection.host.windows;
        endpoint.capacity = 0;
        let mostQueued = 0;
        for (const { share, taken, turn: isTurn } of schedule) {
          const allowance = connection.writeAllowance();
          expect(allowance).toBe(outboundBytes - connection.queuedBytes);
          // Of a frame's header, which counts too, it needs 4 bytes at most.
          const size = Math.floor(share * (allowance - 4));
          if (size >= 0 && allowance >= 4) session.send(Opcode.Binary, Buffer.alloc(size));
          mostQueued = Math.max(mostQueued, connection.queuedBytes);
          endpoint.take(taken);
          if (isTurn) turn();
        }
        expect(mostQueued).toBeLessThanOrEqual(outboundBytes);
      }),
      { numRuns: 200 },
    );
  });

  it('is 0 where nothing fits, and the session hears when there is room again, also when the end of the turn has made it', () => {
    for (const capacity of [0, Infinity]) {
      const handler = new RecordingHandler();
      const one = drivenSocket(handler, { coalesceBytes: 64 * 1024 });
      one.endpoint.capacity = capacity;
      const cap = one.connection.host.windows.outboundBytes;
      let left = 10 * cap;
      const fill = (): void => {
        for (let room = one.connection.writeAllowance(); left > 0 && room > 4; room = one.connection.writeAllowance()) {
          handler.socket.send(Opcode.Binary, Buffer.alloc(room - 4));
          left -= room - 4;
          expect(one.connection.queuedBytes).toBeLessThanOrEqual(cap);
        }
      };
      handler.whenWritable = fill;
      fill();
      for (let rounds = 0; rounds < 40; rounds++) {
        one.turn();
        one.endpoint.take(cap);
      }
      expect(left).toBeLessThanOrEqual(0);
      expect(one.endpoint.queuedBytes).toBe(0);
    }
  });

  it.each(placeNames)('%s: a large transfer at the pace of a slow reader, none of it beyond the window', async (name) => {
    const windows = { outboundBytes: 32 * 1024, outboundLowBytes: 8 * 1024, coalesceBytes: 8 * 1024 };
    const total = 12_000_000;
    const received = (): number => peer.messages.reduce((sum, { payload }) => sum + payload.length, 0);
    let left = total;
    let mostQueued = 0;
    const handler = new RecordingHandler();
    handler.whenOpen = ({ connection }) => {
      for (let room = connection.writeAllowance(); left > 0 && room > 4; room = connection.writeAllowance()) {
        const bytes = Math.min(left, room - 4);
        left -= bytes;
        handler.socket.send(Opcode.Binary, Buffer.alloc(bytes, left & 0xff));
        mostQueued = Math.max(mostQueued, connection.queuedBytes);
      }
    };
    handler.whenWritable = handler.whenOpen;
    const at = await SessionsAt.start(name, socketServer(() => handler), { windows });
    closing = () => at.stopAndCheck();
    const peer = await at.connect();
    peer.upgrade('/');
    await at.until('the socket', () => peer.isOpen);
    // It stops now and then.
    for (let stops = 0; stops < 5 && received() < total; stops++) {
      peer.endpoint.setReading(false);
      await at.place.settle();
      const before = peer.bytesIn;
      peer.endpoint.setReading(true);
      await at.until('more', () => peer.bytesIn > before || received() === total);
    }
    await at.until('all of it', () => received() === total);
    expect(mostQueued).toBeLessThanOrEqual(windows.outboundBytes);
    expect(mostQueued).toBeGreaterThan(windows.outboundBytes / 2);
  });
});
