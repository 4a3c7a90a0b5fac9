import { Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import type { DeflateParameters, DeflateSettings } from '../src/deflate.ts';
import type { WebSocketEngine } from '../src/engine.ts';
import { Opcode, WebSocketEvent } from '../src/opcodes.ts';
import { parseFrames, rawFrame, rawFrames, toBytes, type RawFrame } from './support/frames.ts';
import { client, frameTexts, run, server, takeFrames, takeOutput } from './support/run.ts';
import { ZlibDeflate } from '../zlib/zlib-deflate.ts';

const { Continuation, Text, Ping } = Opcode;
const rsv1 = 0x40;

const keepBoth: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

function settings(parameters: Partial<DeflateParameters> = {}, more: Partial<DeflateSettings> = {}): DeflateSettings & { factory: ZlibDeflate } {
  return { parameters: { ...keepBoth, ...parameters }, thresholdBytes: 0, ...more, factory: new ZlibDeflate() };
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Bytes that do not compress (xorshift). */
function makeNoise(length: number): Uint8Array {
  let state = 0x2545f491;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 16;
  });
}

function serve(frames: readonly RawFrame[], parameters: Partial<DeflateParameters> = {}): string[] {
  return run(server({ deflate: settings(parameters) }), rawFrames(frames));
}

describe('RFC 7692, section 6: framing', () => {
  it('6: an uncompressed message may come at any time', () => {
    expect(serve([{ opcode: Text, payload: 'plain' }, { opcode: Text, rsv: rsv1, payload: hex('f2 48 cd c9 c9 07 00') }])).toEqual([
      'Message 1 plain',
      'Message 1 Hello',
    ]);
  });

  it('6.1: the bit stands in the first fragment only', () => {
    const first = { opcode: Text, rsv: rsv1, payload: hex('f2 48 cd'), fin: false };
    expect(serve([first, { opcode: Continuation, payload: hex('c9 c9 07 00') }])).toEqual(['Message 1 Hello']);
    expect(serve([first, { opcode: Continuation, rsv: rsv1, payload: hex('c9 c9 07 00') }])).toEqual(['Failed 1002 reservedBits']);
  });

  it('6.1: control frames are not compressed', () => {
    expect(serve([{ opcode: Ping, rsv: rsv1 }])).toEqual(['Failed 1002 reservedBits']);
    const fragments: RawFrame[] = [
      { opcode: Text, rsv: rsv1, payload: hex('f2 48 cd'), fin: false },
      { opcode: Ping, payload: 'now' },
      { opcode: Continuation, payload: hex('c9 c9 07 00') },
    ];
    expect(serve(fragments)).toEqual(['Ping now', 'Message 1 Hello']);
  });

  it.each([0x20, 0x10, 0x60, 0x50, 0x70])('the other reserved bits (%i) stay reserved', (rsv) => {
    expect(serve([{ opcode: Text, rsv, payload: hex('f2 48 cd c9 c9 07 00') }])).toEqual(['Failed 1002 reservedBits']);
  });

  it('the bit is reserved where nothing was agreed', () => {
    expect(run(server(), rawFrame({ opcode: Text, rsv: rsv1 }))).toEqual(['Failed 1002 reservedBits']);
  });
});

describe('RFC 7692, section 7.2.3: examples', () => {
  it.each([
    ['7.2.3.1 one block', 'f2 48 cd c9 c9 07 00'],
    ['7.2.3.3 no compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['7.2.3.4 BFINAL set', 'f3 48 cd c9 c9 07 00 00'],
    ['7.2.3.5 two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
  ])('%s', (_, payload) => {
    const engine = server({ deflate: settings() });
    const frame = rawFrame({ opcode: Text, rsv: rsv1, payload: hex(payload) });
    expect(run(engine, frame)).toEqual(['Message 1 Hello']);
    expect(run(engine, frame, { pieces: [...frame].map(() => 1) })).toEqual(['Message 1 Hello']);
  });

  it('7.2.3.2 sharing the window', () => {
    expect(serve([
      { opcode: Text, rsv: rsv1, payload: hex('f2 48 cd c9 c9 07 00') },
      { opcode: Text, rsv: rsv1, payload: hex('f2 00 11 00 00') },
    ])).toEqual(['Message 1 Hello', 'Message 1 Hello']);
  });

  it('7.2.3.6 an empty message', () => {
    expect(serve([{ opcode: Text, rsv: rsv1, payload: [0] }])).toEqual(['Message 1 ']);
    const engine = server({ deflate: settings() });
    for (let count = 0; count < 3; count++) engine.sendText(new Uint8Array(0), 0, 0);
    expect(run(client({ deflate: settings() }), takeOutput(engine))).toEqual(['Message 1 ', 'Message 1 ', 'Message 1 ']);
  });
});

describe('RFC 7692, section 7.2.3.6: a compressed message of no bytes, as some clients send empty ones', () => {
  const empty: RawFrame = { opcode: Text, rsv: rsv1, payload: [] };
  const hello: RawFrame = { opcode: Text, rsv: rsv1, payload: hex('f2 48 cd c9 c9 07 00') };

  it.each([true, false])('is empty, and the next message is as it was sent; context takeover: %s', (takeover) => {
    expect(serve([hello, empty, hello, empty, empty], { clientNoContextTakeover: !takeover })).toEqual([
      'Message 1 Hello', 'Message 1 ', 'Message 1 Hello', 'Message 1 ', 'Message 1 ',
    ]);
  });

  it('in fragments too, and empty fragments before, between and behind compressed ones change nothing', () => {
    const first = { ...empty, fin: false };
    const none: RawFrame = { opcode: Continuation, payload: [] };
    expect(serve([first, { ...none, fin: false }, none, hello])).toEqual(['Message 1 ', 'Message 1 Hello']);
    expect(serve([first, { opcode: Continuation, payload: hex('f2 48 cd'), fin: false }, { ...none, fin: false }, { opcode: Continuation, payload: hex('c9 c9 07 00'), fin: false }, none, hello])).toEqual([
      'Message 1 Hello', 'Message 1 Hello',
    ]);
  });
});

/** What the second sending of the same text takes on the wire. */
function secondCost(parameters: Partial<DeflateParameters>, role: 'server' | 'client'): { cost: number; whole: number; read: string[] } {
  const deflate = settings(parameters);
  const [sender, receiver] = role === 'server' ? [server({ deflate }), client({ deflate })] : [client({ deflate }), server({ deflate })];
  const text = toBytes(Array.from({ length: 60 }, (_, index) => `${(index * 7919) % 1000}`).join());
  sender.sendText(text, 0, text.length);
  const first = takeOutput(sender);
  sender.sendText(text, 0, text.length);
  const second = takeOutput(sender);
  const read = [...run(receiver, first), ...run(receiver, second)];
  return { cost: second.length, whole: first.length, read };
}

describe('RFC 7692, section 7.1.1: context takeover', () => {
  it.each(['server', 'client'] as const)('a %s that keeps its window sends a repetition in a few bytes', (role) => {
    const { cost, whole, read } = secondCost({}, role);
    expect(cost).toBeLessThan(whole / 4);
    expect(read).toHaveLength(2);
    expect(read[0]).toBe(read[1]);
  });

  it.each([
    ['server', 'serverNoContextTakeover'],
    ['client', 'clientNoContextTakeover'],
  ] as const)('a %s with %s compresses each message alone', (role, parameter) => {
    const { cost, whole, read } = secondCost({ [parameter]: true }, role);
    expect(cost).toBe(whole);
    expect(read[0]).toBe(read[1]);
  });

  it('a peer that promised to begin anew must not refer to what was before', () => {
    const frames = [
      { opcode: Text, rsv: rsv1, payload: hex('f2 48 cd c9 c9 07 00') },
      { opcode: Text, rsv: rsv1, payload: hex('f2 00 11 00 00') },
    ];
    expect(serve(frames, { clientNoContextTakeover: true })).toEqual(['Message 1 Hello', 'Failed 1007 deflateCorrupt']);
  });

  it('connections without takeover share what the factory made', () => {
    const deflate = settings({ serverNoContextTakeover: true, clientNoContextTakeover: true });
    const text = toBytes('again and again and again');
    for (let count = 0; count < 20; count++) {
      const from = server({ deflate });
      from.sendText(text, 0, text.length);
      expect(run(client({ deflate }), takeOutput(from))).toHaveLength(1);
    }
    expect(deflate.factory.made).toBe(2);
  });

  it('a connection lets go of its window when it closes, fails, or its pool goes', () => {
    const deflate = settings();
    const talk = (pool: Pool): WebSocketEngine => {
      const engine = server({ deflate, pool });
      const text = toBytes('some text, some text');
      engine.sendText(text, 0, text.length);
      run(engine, rawFrame({ opcode: Text, rsv: rsv1, payload: hex('f2 48 cd c9 c9 07 00') }));
      return engine;
    };
    for (let count = 0; count < 3; count++) run(talk(new Pool()), rawFrame({ opcode: Opcode.Close, payload: [3, 0xe8] }));
    for (let count = 0; count < 3; count++) run(talk(new Pool()), rawFrame({ opcode: 3 }));
    for (let count = 0; count < 3; count++) {
      const pool = new Pool();
      talk(pool);
      pool.destroy();
    }
    expect(deflate.factory.made).toBe(2);
  });
});

describe('RFC 7692, section 7.1.2: windows', () => {
  it.each([9, 10, 12, 15])('a window of 2^%i is kept to by both roles', (bits) => {
    const noise = makeNoise(3000);
    const bytes = new Uint8Array(9000);
    for (let at = 0; at < 9000; at += 3000) bytes.set(noise, at);
    for (const role of ['server', 'client'] as const) {
      const sending = settings({ serverMaxWindowBits: bits, clientMaxWindowBits: bits });
      const [sender, receiver] = role === 'server' ? [server({ deflate: sending }), client({ deflate: sending })] : [client({ deflate: sending }), server({ deflate: sending })];
      expect(sender.deflateWindowBits).toBe(bits);
      sender.sendBinary(bytes, 0, bytes.length);
      expect(run(receiver, takeOutput(sender))).toEqual([`Message 2 ${Buffer.from(bytes).toString('hex')}`]);
    }
  });
});

describe('RFC 7692, section 7.2.1: sending', () => {
  it('compresses what is long enough, and only that', () => {
    const engine = server({ deflate: { ...settings(), thresholdBytes: 100 } });
    const text = toBytes('x'.repeat(100));
    engine.sendText(text, 0, 99);
    engine.sendText(text, 0, 100);
    engine.sendPing(text, 0, 100);
    expect(takeFrames(engine).map(({ first }) => first)).toEqual([0x81, 0xc1, 0x89]);
  });

  it('sends as it is what compression would make longer, where no window is carried over', () => {
    const noise = makeNoise(300);
    const alone = server({ deflate: settings({ serverNoContextTakeover: true }) });
    alone.sendBinary(noise, 0, noise.length);
    const [frame] = takeFrames(alone);
    expect(frame.first).toBe(0x82);
    expect([...frame.payload]).toEqual([...noise]);
  });

  it('6.1: compresses fragments as one message', () => {
    const deflate = settings();
    const engine = server({ deflate });
    const text = toBytes('to be or not to be');
    engine.sendFrame(Text, text, 0, 5, false);
    engine.sendFrame(Continuation, text, 5, 5, false);
    engine.sendFrame(Continuation, text, 5, text.length, true);
    engine.sendText(text, 0, text.length);
    const bytes = takeOutput(engine);
    expect(parseFrames(bytes).map(({ first }) => first)).toEqual([0x41, 0x00, 0x80, 0xc1]);
    expect(run(client({ deflate }), bytes)).toEqual(['Message 1 to be or not to be', 'Message 1 to be or not to be']);
  });
});

describe('Limits and bad data', () => {
  const limits = { maxMessageBytes: 10_000 };

  function bomb(length: number): Uint8Array {
    const engine = client({ deflate: settings() });
    engine.sendBinary(new Uint8Array(length), 0, length);
    return takeOutput(engine);
  }

  it('takes a message that inflates to exactly the limit, and fails one that is a byte longer', () => {
    expect(run(server({ limits, deflate: settings() }), bomb(10_000))[0]).toMatch(/^Message 2/);
    expect(run(server({ limits, deflate: settings() }), bomb(10_001))).toEqual(['Failed 1009 messageTooBig']);
  });

  it('fails a bomb before it takes memory, whole or in pieces', () => {
    const bytes = bomb(50_000_000);
    expect(bytes.length).toBeLessThan(60_000);
    for (const size of [bytes.length, 100, 7]) {
      const engine = server({ limits, deflate: settings() });
      let most = 0;
      for (let at = 0; at < bytes.length && engine.failure === null; at += size) {
        const piece = bytes.slice(at, at + size);
        engine.receive(piece, 0, piece.length);
        engine.next();
        most = Math.max(most, engine.heldBytes);
      }
      expect(engine.failure).toMatchObject({ code: 'messageTooBig', closeCode: 1009 });
      expect(most).toBeLessThan(2 * limits.maxMessageBytes);
    }
  });

  it('fails a compressed frame that no honest sender needs for a message within the limit, at its head', () => {
    expect(run(server({ limits, deflate: settings() }), rawFrame({ opcode: Text, rsv: rsv1, length: 11_400n }))).toEqual(['Failed 1009 messageTooBig']);
    const piece: RawFrame = { opcode: Continuation, payload: [], fin: false };
    const frames = [{ opcode: Text, rsv: rsv1, payload: new Uint8Array(0), fin: false }, piece, { opcode: Continuation, length: 1n << 40n }];
    expect(run(server({ limits, deflate: settings() }), rawFrames(frames))).toEqual(['Failed 1009 messageTooBig']);
  });

  it('takes an incompressible message of the whole limit', () => {
    const noise = makeNoise(10_000);
    const engine = client({ deflate: settings() });
    engine.sendBinary(noise, 0, noise.length);
    const bytes = takeOutput(engine);
    expect(bytes[0]).toBe(0xc2);
    expect(run(server({ limits, deflate: settings() }), bytes)).toEqual([`Message 2 ${Buffer.from(noise).toString('hex')}`]);
  });

  it.each(['ff ff ff', '06 00 00', '00 05 00 fa fe 48'])('fails %s as corrupt', (payload) => {
    const engine = server({ deflate: settings() });
    expect(run(engine, rawFrame({ opcode: Text, rsv: rsv1, payload: hex(payload) }))).toEqual(['Failed 1007 deflateCorrupt']);
    expect(frameTexts(engine)).toEqual(['88 1007 compressed data corrupt']);
  });

  it('checks the text inside, as it comes', () => {
    const source = client({ deflate: settings() });
    const bad = Uint8Array.of(0xce, 0xba, 0xed, 0xa0, 0x80);
    source.sendFrame(Text, bad, 0, 4, false);
    expect(run(server({ deflate: settings() }), takeOutput(source))).toEqual(['Failed 1007 invalidUtf8']);
    const cut = client({ deflate: settings() });
    cut.sendText(bad, 0, 1);
    expect(run(server({ deflate: settings() }), takeOutput(cut))).toEqual(['Failed 1007 invalidUtf8']);
  });
});

it('a message that inflates in one piece is given without being assembled', () => {
  const deflate = settings();
  const source = client({ deflate });
  const text = toBytes('x'.repeat(5000));
  source.sendText(text, 0, text.length);
  const bytes = takeOutput(source);
  const engine = server({ deflate });
  engine.receive(bytes, 0, bytes.length);
  expect(engine.next()).toBe(WebSocketEvent.Message);
  expect(engine.dataEnd - engine.dataStart).toBe(5000);
  expect(engine.heldBytes).toBe(0);
});
