import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebSocketEngine, WebSocketEngineOptions } from '../src/engine.ts';
import { Opcode, type MessageOpcode } from '../src/opcodes.ts';
import { rawFrames, toBytes, type RawFrame } from './support/frames.ts';
import { client, run, server, takeOutput } from './support/run.ts';
import { ZlibDeflate } from '../zlib/zlib-deflate.ts';

const limits = { maxMessageBytes: 2000, maxFragments: 20 };

const payload = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => toBytes(text)),
  fc.uint8Array({ maxLength: 60 }),
  fc.nat(1500).map((length) => new Uint8Array(length).fill(0x61)),
);
const control = fc.record({
  opcode: fc.constantFrom(Opcode.Ping, Opcode.Pong),
  payload: fc.uint8Array({ maxLength: 125 }),
});
/** One message in some frames, perhaps with control frames between. */
const message: fc.Arbitrary<RawFrame[]> = fc
  .tuple(fc.constantFrom(Opcode.Text, Opcode.Binary), fc.array(fc.tuple(payload, fc.option(control, { nil: null, freq: 4 })), { minLength: 1, maxLength: 4 }))
  .map(([opcode, parts]) =>
    parts.flatMap(([part, between], index) => [
      ...(between === null || index === 0 ? [] : [between]),
      { opcode: index === 0 ? opcode : Opcode.Continuation, payload: part, fin: index === parts.length - 1 },
    ]),
  );
const closing = fc.option(
  fc.constantFrom<RawFrame>({ opcode: Opcode.Close, payload: [3, 0xe8, 0x62] }, { opcode: 3 }, { opcode: Opcode.Text, length: 5000n }, { opcode: Opcode.Close, payload: [0] }),
  { nil: null },
);
/** Frames as a peer sends them: mostly right, text often not UTF-8, sometimes over a limit, sometimes with a last one that ends it. */
const stream = fc
  .tuple(fc.array(message, { maxLength: 5 }), closing)
  .map(([messages, last]) => [...messages.flat(), ...(last === null ? [] : [last])]);

const cutting = fc.record({ pieces: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 60 }), stopEvery: fc.nat(3), end: fc.boolean(), lendsBuffer: fc.boolean() });

describe('Any chunking of the same bytes gives the same events', () => {
  it.each(['client', 'server'] as const)('from a %s', (from) => {
    const make = (): WebSocketEngine => (from === 'client' ? server({ limits }) : client({ limits }));
    fc.assert(
      fc.property(stream, cutting, (frames, cut) => {
        const bytes = rawFrames(frames, from);
        const whole = run(make(), bytes, { end: cut.end });
        const engine = make();
        expect(run(engine, bytes, cut)).toEqual(whole);
        expect(engine.heldBytes).toBeLessThan(3 * limits.maxMessageBytes);
      }),
      { numRuns: 300 },
    );
  });

  it('byte by byte', () => {
    fc.assert(
      fc.property(stream, (frames) => {
        const bytes = rawFrames(frames);
        expect(run(server({ limits }), bytes, { pieces: [...bytes].map(() => 1) })).toEqual(run(server({ limits }), bytes));
      }),
      { numRuns: 100 },
    );
  });
});

describe('Whatever one side sends arrives at the other', () => {
  const factory = new ZlibDeflate();
  const parameters = fc.record({
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
    serverMaxWindowBits: fc.integer({ min: 9, max: 15 }),
    clientMaxWindowBits: fc.integer({ min: 9, max: 15 }),
  });
  const settings = fc.option(
    parameters.map((agreed) => ({ factory, parameters: agreed, thresholdBytes: 20 })),
    { nil: null },
  );
  const sent = fc.array(
    fc.record({
      opcode: fc.constantFrom<MessageOpcode>(Opcode.Text, Opcode.Binary),
      text: fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.tuple(fc.string({ unit: 'binary', maxLength: 30 }), fc.nat(300)).map(([text, times]) => text.repeat(times))),
      cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
      ping: fc.boolean(),
    }),
    { maxLength: 6 },
  );

  it.each(['client', 'server'] as const)('from a %s, in one frame or several, with and without compression', (from) => {
    fc.assert(
      fc.property(sent, settings, cutting, (messages, deflate, cut) => {
        const options: Partial<WebSocketEngineOptions> = { deflate };
        const [sender, receiver] = from === 'client' ? [client(options), server(options)] : [server(options), client(options)];
        const expected: string[] = [];
        for (const { opcode, text, cuts, ping } of messages) {
          const bytes = toBytes(text);
          const ends = [...cuts.map((cutAt) => Math.floor(cutAt * bytes.length)), bytes.length].toSorted((a, b) => a - b);
          if (cuts.length === 0) sender.sendMessage(opcode, bytes, 0, bytes.length);
          let start = 0;
          for (const [index, end] of cuts.length === 0 ? [] : ends.entries()) {
            if (ping) {
              sender.sendPing(toBytes(`ping ${index}`));
              expected.push(`Ping ping ${index}`);
            }
            sender.sendFrame(index === 0 ? opcode : Opcode.Continuation, bytes, start, end, index === ends.length - 1);
            start = end;
          }
          expected.push(`Message ${opcode} ${text}`);
        }
        sender.close(1000, 'done');
        expected.push('Close 1000 done', 'Closed 1000');
        expect(run(receiver, takeOutput(sender), cut)).toEqual(expected);
        expect(run(sender, takeOutput(receiver)).slice(-2)).toEqual(['Close 1000', 'Closed 1000']);
      }),
      { numRuns: 200 },
    );
  });
});

describe('Mutated streams', () => {
  it('never throw, always end in a known way, and never hold more than the limits allow', () => {
    const factory = new ZlibDeflate();
    const deflate = {
      factory,
      parameters: { serverNoContextTakeover: false, clientNoContextTakeover: false, serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
      thresholdBytes: 0,
    };
    const mutation = fc.record({ at: fc.nat(3000), byte: fc.nat(255), kind: fc.constantFrom('set', 'flip', 'drop', 'repeat') });
    fc.assert(
      fc.property(stream, fc.array(mutation, { minLength: 1, maxLength: 6 }), cutting, fc.boolean(), (frames, mutations, cut, compressed) => {
        const source = client({ deflate: compressed ? deflate : null });
        for (const frame of frames) {
          if (frame.opcode === Opcode.Text || frame.opcode === Opcode.Binary) {
            const bytes = toBytes(frame.payload);
            source.sendMessage(frame.opcode, bytes, 0, bytes.length);
          }
        }
        let bytes = [...takeOutput(source), ...rawFrames(frames)];
        for (const { at, byte, kind } of mutations) {
          const place = bytes.length === 0 ? 0 : at % bytes.length;
          if (kind === 'set') bytes[place] = byte;
          else if (kind === 'flip') bytes[place] = (bytes[place] ?? 0) ^ (1 << (byte & 7));
          else if (kind === 'drop') bytes.splice(place, 1 + (byte & 7));
          else bytes = [...bytes.slice(0, place + 1), ...bytes.slice(place)];
        }
        const engine = server({ limits, deflate: compressed ? deflate : null });
        const events = run(engine, Uint8Array.from(bytes), {
          ...cut,
          onEvent: (current) => expect(current.heldBytes).toBeLessThan(3 * limits.maxMessageBytes + bytes.length),
        });
        for (const event of events) expect(event).toMatch(/^(Message|Ping|Pong|Close \d{4}|Closed \d{4}|Failed 100[279])/);
        if (cut.end) expect(['closed', 'failed']).toContain(engine.closeState);
      }),
      { numRuns: 1000 },
    );
  });
});
