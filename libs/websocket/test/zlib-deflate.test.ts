import { Pool } from '@sluice/brigade';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeflateParameters, Inflater } from '../src/deflate.ts';
import type { WebSocketEngine } from '../src/engine.ts';
import { Opcode, WebSocketEvent, type MessageOpcode } from '../src/opcodes.ts';
import { encodeSharedDeflatedFrame } from '../src/sharedFrame.ts';
import { ZlibDeflate } from '../zlib/zlib-deflate.ts';
import { client, server, takeOutput } from './support/run.ts';

const { NeedData, Message } = WebSocketEvent;
const limit = 4 * 1024 * 1024;
const sizes = [0, 1, 125, 126, 1024, 4096, 65_535, 65_536, 65_537, 200_000, 1024 * 1024];

/** Bytes that do not compress (xorshift). */
function makeNoise(length: number, seed = 0x2545f491): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 16;
  });
}

const makePattern = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, at) => ((at >> 3) * (seed | 1)) & 0x7f);

function inflated(inflater: Inflater, bytes: Uint8Array): Uint8Array {
  const result = inflater.inflate(bytes, 0, bytes.length, true, limit);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

/** The next message of an engine that was given `bytes`. It lies where the engine says, which is no copy. */
function receiveMessage(engine: WebSocketEngine, bytes: Uint8Array): { opcode: MessageOpcode; data: Uint8Array; start: number; end: number } {
  engine.receive(bytes, 0, bytes.length);
  if (engine.next() !== Message) throw new Error(engine.failure?.code ?? 'no message');
  return { opcode: engine.opcode, data: engine.data, start: engine.dataStart, end: engine.dataEnd };
}

const parameters: fc.Arbitrary<DeflateParameters> = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: fc.integer({ min: 9, max: 15 }),
  clientMaxWindowBits: fc.integer({ min: 8, max: 15 }),
});

const payload = fc
  .record({ kind: fc.constantFrom('noise', 'pattern', 'mixed'), length: fc.oneof(fc.constantFrom(0, 1, 5, 125, 126, 1024), fc.nat(3000), fc.nat({ max: 90_000 })), seed: fc.integer({ min: 1 }) })
  .map(({ kind, length, seed }) => {
    if (kind === 'noise') return makeNoise(length, seed);
    const bytes = makePattern(length, seed);
    if (kind === 'mixed') bytes.set(makeNoise(length >> 1, seed), length >> 2);
    return bytes;
  });

describe('What a codec returns is the caller’s', () => {
  it.each(sizes)('%i random bytes that were inflated stay as they are while they are compressed, by any deflater', (size) => {
    for (const memoryLevel of [1, 8]) {
      const factory = new ZlibDeflate(memoryLevel);
      const noise = makeNoise(size);
      const peer = factory.deflater({ windowBits: 15, level: 6 });
      const data = inflated(factory.inflater({ windowBits: 15 }), peer.compress(noise, 0, size, true));
      const again = factory.deflater({ windowBits: 15, level: 6 }).compress(data, 0, data.length, true);
      expect(Buffer.compare(data, noise)).toBe(0);
      expect(Buffer.compare(inflated(factory.inflater({ windowBits: 15 }), again), noise)).toBe(0);
    }
  });

  it('compressed bytes can be compressed again, and inflated twice', () => {
    const factory = new ZlibDeflate();
    for (const size of sizes) {
      const deflater = factory.deflater({ windowBits: 15, level: 6 });
      const noise = makeNoise(size);
      const once = deflater.compress(noise, 0, size, true);
      deflater.reset();
      const twice = deflater.compress(once, 0, once.length, true);
      const unpacked = inflated(factory.inflater({ windowBits: 15 }), twice);
      expect(Buffer.compare(inflated(factory.inflater({ windowBits: 15 }), unpacked), noise)).toBe(0);
      deflater.close();
    }
  });
});

describe('RFC 7692, section 7.2: an echo is what was sent, to a client that compresses everything', () => {
  it.each(sizes)('%i bytes', (size) => {
    for (const memoryLevel of [1, 8]) {
      for (const noContext of [true, false]) {
        const agreed: DeflateParameters = { serverNoContextTakeover: noContext, clientNoContextTakeover: noContext, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };
        // The client never declines to compress, whether or not that makes the message shorter.
        const peer = new ZlibDeflate();
        const sending = client({ deflate: { factory: peer, parameters: { ...agreed, clientNoContextTakeover: false }, thresholdBytes: 0 }, limits: { maxMessageBytes: limit } });
        for (const thresholdBytes of [0, 1024]) {
          const echoing = server({ deflate: { factory: new ZlibDeflate(memoryLevel), parameters: agreed, thresholdBytes }, limits: { maxMessageBytes: limit } });
          const source = client({ deflate: { factory: peer, parameters: { ...agreed, clientNoContextTakeover: false }, thresholdBytes: 0 }, limits: { maxMessageBytes: limit } });
          const noise = makeNoise(size);
          source.sendBinary(noise, 0, size);
          const wire = takeOutput(source);
          expect(wire[0]).toBe(0xc2);
          const { opcode, data, start, end } = receiveMessage(echoing, wire);
          echoing.sendMessage(opcode, data, start, end);
          const back = receiveMessage(sending, takeOutput(echoing));
          expect(Buffer.compare(back.data.subarray(back.start, back.end), noise)).toBe(0);
          sending.next();
        }
      }
    }
  });
});

describe('Connections that share a factory', () => {
  const message = fc.record({
    connection: fc.nat(2),
    opcode: fc.constant<MessageOpcode>(Opcode.Binary),
    bytes: payload,
    /** Where the client cuts it, as a share of its length. */
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
    /** How the server sends it back. */
    how: fc.constantFrom('message', 'fragments', 'shared'),
  });
  const round = fc.array(message, { minLength: 1, maxLength: 3 });

  it('each message comes through four codecs and back unchanged, though all that arrived are held until then', () => {
    fc.assert(
      fc.property(fc.tuple(parameters, parameters, parameters), fc.array(round, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 100), (agreed, rounds, memoryLevel, thresholdBytes) => {
        const factory = new ZlibDeflate(memoryLevel);
        const limits = { maxMessageBytes: limit };
        const pool = new Pool('shared');
        const shared = factory.deflater({ windowBits: 9, level: 6 });
        const connections = agreed.map((parametersOf) => {
          // A client may be allowed a window of 2^8; zlib's deflater has none, so this one keeps to less than it may.
          const sending = { ...parametersOf, clientMaxWindowBits: Math.max(9, parametersOf.clientMaxWindowBits) };
          return {
            near: client({ deflate: { factory, parameters: sending, thresholdBytes: 0 }, limits }),
            far: server({ deflate: { factory, parameters: sending, thresholdBytes }, limits }),
          };
        });
        for (const messages of rounds) {
          const used = new Set<number>();
          const arrived = messages
            .filter(({ connection }) => !used.has(connection) && used.add(connection))
            .map((sent) => {
              const { near, far } = connections[sent.connection]!;
              const { opcode, bytes, cut } = sent;
              const at = cut === null ? bytes.length : Math.floor(cut * bytes.length);
              if (cut === null) {
                near.sendMessage(opcode, bytes, 0, bytes.length);
              } else {
                near.sendFrame(opcode, bytes, 0, at, false);
                near.sendFrame(Opcode.Continuation, bytes, at, bytes.length, true);
              }
              return { sent, near, far, ...receiveMessage(far, takeOutput(near)) };
            });
          for (const { sent, far, opcode, data, start, end } of arrived) {
            if (sent.how === 'message') {
              far.sendMessage(opcode, data, start, end);
            } else if (sent.how === 'fragments') {
              const middle = (start + end) >> 1;
              far.sendFrame(opcode, data, start, middle, false);
              far.sendFrame(Opcode.Continuation, data, middle, end, true);
            } else {
              const frame = encodeSharedDeflatedFrame(pool, shared, opcode, data, start, end);
              far.sendShared(frame);
              frame.release();
            }
          }
          for (const { sent, near, far } of arrived) {
            const back = receiveMessage(near, takeOutput(far));
            expect(Buffer.compare(back.data.subarray(back.start, back.end), sent.bytes)).toBe(0);
            expect(near.next()).toBe(NeedData);
            expect(far.next()).toBe(NeedData);
          }
        }
        pool.destroy();
      }),
      { numRuns: 60 },
    );
  });
});
