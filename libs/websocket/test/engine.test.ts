import { Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { WebSocketEngine, type WebSocketEngineOptions } from '../src/engine.ts';
import { UsageError } from '../src/failure.ts';
import { Opcode, WebSocketEvent } from '../src/opcodes.ts';
import { join, rawFrame, rawFrames, type RawFrame } from './support/frames.ts';
import { client, frameTexts, run, server } from './support/run.ts';

const { Continuation, Text, Binary, Close, Ping, Pong } = Opcode;

/** What a server says to these frames from a client. */
function serve(frames: readonly RawFrame[], options: Partial<WebSocketEngineOptions> = {}): string[] {
  return run(server(options), rawFrames(frames));
}

const closeOf = (code: number, reason = ''): RawFrame => ({
  opcode: Close,
  payload: Uint8Array.of(code >>> 8, code & 0xff, ...new TextEncoder().encode(reason)),
});

describe('5.1 Overview: masking by role', () => {
  it('a server fails a client that does not mask', () => {
    const engine = server();
    expect(run(engine, rawFrame({ opcode: Text, payload: 'a', mask: null }))).toEqual(['Failed 1002 frameNotMasked']);
    expect(frameTexts(engine)).toEqual(['88 1002 frame from client not masked']);
    expect(engine.failure).toMatchObject({ fault: 'peer', section: 'RFC 6455, section 5.1' });
  });

  it('a client fails a server that masks', () => {
    const engine = client();
    expect(run(engine, rawFrame({ opcode: Text, payload: 'a' }))).toEqual(['Failed 1002 frameMasked']);
    expect(frameTexts(engine)).toEqual(['88 1002 frame from server masked']);
  });

  it('control frames follow the same rule', () => {
    expect(run(server(), rawFrame({ opcode: Ping, mask: null }))).toEqual(['Failed 1002 frameNotMasked']);
    expect(run(client(), rawFrame({ opcode: Ping }))).toEqual(['Failed 1002 frameMasked']);
  });

  it('a key of zeros is a mask', () => {
    expect(serve([{ opcode: Text, payload: 'abc', mask: [0, 0, 0, 0] }])).toEqual(['Message 1 abc']);
  });
});

describe('5.2 Base framing protocol', () => {
  it.each([0, 1, 125, 126, 127, 128, 65_535, 65_536, 200_000])('takes %i bytes, text and binary, in both roles', (length) => {
    const text = 'x'.repeat(length);
    const frames = [{ opcode: Text, payload: text }, { opcode: Binary, payload: text }];
    const expected = [`Message 1 ${text}`, `Message 2 ${text}`];
    expect(run(server(), rawFrames(frames))).toEqual(expected);
    expect(run(client(), rawFrames(frames, 'server'))).toEqual(expected);
  });

  it.each([0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70])('fails reserved bits %i in every kind of frame', (rsv) => {
    for (const opcode of [Text, Binary, Ping, Pong, Close]) {
      expect(serve([{ opcode, rsv }])).toEqual(['Failed 1002 reservedBits']);
    }
    expect(serve([{ opcode: Text, fin: false }, { opcode: Continuation, rsv }])).toEqual(['Failed 1002 reservedBits']);
  });

  it.each([3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf])('fails the reserved opcode %i', (opcode) => {
    expect(serve([{ opcode: Text, payload: 'ok' }, { opcode }])).toEqual(['Message 1 ok', 'Failed 1002 reservedOpcode']);
  });

  it.each([
    [16, 0n],
    [16, 125n],
    [64, 0n],
    [64, 125n],
    [64, 126n],
    [64, 65_535n],
  ] as const)('fails a length in %i bits that needs less (%i)', (lengthForm, length) => {
    expect(serve([{ opcode: Binary, payload: new Uint8Array(Number(length)), lengthForm }])).toEqual(['Failed 1002 lengthNotMinimal']);
  });

  it.each([1n << 63n, (1n << 64n) - 1n])('fails a length with the top bit set (%i)', (length) => {
    expect(serve([{ opcode: Binary, length }])).toEqual(['Failed 1002 lengthOutOfRange']);
  });

  it('says so with the first two bytes, before the rest of the head is there', () => {
    for (const start of [[0x83, 0x85], [0xc1, 0x85], [0x81, 0x05], [0x89, 0xfe], [0x09, 0x80], [0x80, 0x80]]) {
      expect(run(server(), Uint8Array.from(start), { pieces: [1, 1] })[0]).toMatch(/^Failed 1002/);
    }
  });
});

describe('5.3 Client-to-server masking', () => {
  it('gives a whole message where it lies, unmasked in place, without a copy', () => {
    const engine = server();
    const bytes = join([new Uint8Array(5), rawFrame({ opcode: Binary, payload: [1, 2, 3, 250] })]);
    engine.receive(bytes, 5, bytes.length);
    expect(engine.next()).toBe(WebSocketEvent.Message);
    expect(engine.data).toBe(bytes);
    expect([engine.dataStart, engine.dataEnd]).toEqual([11, 15]);
    expect([...bytes.subarray(11)]).toEqual([1, 2, 3, 250]);
    expect(engine.heldBytes).toBe(0);
    expect(engine.next()).toBe(WebSocketEvent.NeedData);
    expect(engine.data).not.toBe(bytes);
  });
});

describe('5.4 Fragmentation', () => {
  it('joins fragments, empty ones too', () => {
    expect(
      serve([
        { opcode: Text, payload: 'fr', fin: false },
        { opcode: Continuation, payload: 'ag', fin: false },
        { opcode: Continuation, payload: '', fin: false },
        { opcode: Continuation, payload: 'ment', fin: false },
        { opcode: Continuation, payload: '' },
        { opcode: Binary, payload: '', fin: false },
        { opcode: Continuation, payload: '' },
      ]),
    ).toEqual(['Message 1 fragment', 'Message 2 ']);
  });

  it('takes control frames between fragments, in their place', () => {
    const engine = server();
    const frames: RawFrame[] = [
      { opcode: Text, payload: 'one ', fin: false },
      { opcode: Ping, payload: 'p1' },
      { opcode: Continuation, payload: 'two', fin: false },
      { opcode: Pong, payload: 'p2' },
      { opcode: Ping, payload: '' },
      { opcode: Continuation, payload: '' },
    ];
    expect(run(engine, rawFrames(frames))).toEqual(['Ping p1', 'Pong p2', 'Ping ', 'Message 1 one two']);
    expect(frameTexts(engine)).toEqual(['8a p1', '8a ']);
  });

  it('a close frame between fragments ends it all', () => {
    expect(serve([{ opcode: Text, payload: 'one', fin: false }, closeOf(1000), { opcode: Continuation, payload: 'two' }])).toEqual([
      'Close 1000',
      'Closed 1000',
    ]);
  });

  it('fails a continuation of nothing', () => {
    expect(serve([{ opcode: Continuation, payload: 'x' }])).toEqual(['Failed 1002 continuationUnexpected']);
    expect(serve([{ opcode: Continuation, payload: 'x', fin: false }])).toEqual(['Failed 1002 continuationUnexpected']);
    expect(serve([{ opcode: Text, fin: false }, { opcode: Continuation }, { opcode: Continuation }])).toEqual([
      'Message 1 ',
      'Failed 1002 continuationUnexpected',
    ]);
  });

  it.each([Text, Binary])('fails a new message (opcode %i) inside a fragmented one', (opcode) => {
    expect(serve([{ opcode: Text, payload: 'a', fin: false }, { opcode, payload: 'b' }])).toEqual(['Failed 1002 continuationExpected']);
    expect(serve([{ opcode: Binary, payload: 'a', fin: false }, { opcode, payload: 'b', fin: false }])).toEqual([
      'Failed 1002 continuationExpected',
    ]);
  });
});

describe('5.5 Control frames', () => {
  it.each([Ping, Pong, Close])('fails opcode %i in fragments', (opcode) => {
    expect(serve([{ opcode, fin: false }])).toEqual(['Failed 1002 controlFragmented']);
  });

  it.each([Ping, Pong, Close])('fails opcode %i over 125 bytes', (opcode) => {
    expect(serve([{ opcode, payload: 'x'.repeat(126) }])).toEqual(['Failed 1002 controlTooLong']);
    expect(serve([{ opcode, length: 70_000n }])).toEqual(['Failed 1002 controlTooLong']);
  });
});

describe('5.5.1 Close', () => {
  it('is answered with its code, and what follows is ignored', () => {
    const engine = server();
    expect(run(engine, rawFrames([closeOf(1001, 'bye'), { opcode: Text, payload: 'late' }, { opcode: Ping }]))).toEqual([
      'Close 1001 bye',
      'Closed 1001',
    ]);
    expect(engine.closeState).toBe('closed');
    expect(frameTexts(engine)).toEqual(['88 1001']);
    const late = rawFrame({ opcode: 3 });
    engine.receive(late, 0, late.length);
    expect(engine.next()).toBe(WebSocketEvent.Closed);
    expect(engine.failure).toBeNull();
  });

  it('without a payload is answered without one, and stands for 1005', () => {
    const engine = server();
    expect(run(engine, rawFrames([{ opcode: Close }]))).toEqual(['Close 1005', 'Closed 1005']);
    expect(frameTexts(engine)).toEqual(['88 ']);
  });

  it('takes the longest reason', () => {
    const reason = 'é'.repeat(61);
    expect(serve([closeOf(1000, `${reason}x`)])).toEqual([`Close 1000 ${reason}x`, 'Closed 1000']);
  });

  it('of one byte fails', () => {
    expect(serve([{ opcode: Close, payload: [3] }])).toEqual(['Failed 1002 closePayloadTooShort']);
  });

  it('with a reason that is not UTF-8 fails', () => {
    expect(serve([{ opcode: Close, payload: [3, 0xe8, 0xce, 0xba, 0xe1] }])).toEqual(['Failed 1007 closeReasonInvalid']);
    expect(serve([{ opcode: Close, payload: [3, 0xe8, 0xff] }])).toEqual(['Failed 1007 closeReasonInvalid']);
  });

  it('sent by us first: messages still arrive, pings are not answered, the peer’s close ends it', () => {
    const engine = server();
    engine.close(1001, 'going away');
    expect(engine.closeState).toBe('sent');
    const frames: RawFrame[] = [{ opcode: Text, payload: 'still' }, { opcode: Ping, payload: 'x' }, closeOf(1001)];
    expect(run(engine, rawFrames(frames))).toEqual(['Message 1 still', 'Ping x', 'Close 1001', 'Closed 1001']);
    expect(frameTexts(engine)).toEqual(['88 1001 going away']);
  });
});

describe('5.5.2 Ping and 5.5.3 Pong', () => {
  it('answers a ping with its payload, ahead of queued messages', () => {
    const engine = server();
    engine.sendText(new TextEncoder().encode('queued'), 0, 6);
    expect(run(engine, rawFrames([{ opcode: Ping, payload: 'x'.repeat(125) }, { opcode: Ping, payload: [0, 0xff] }]))).toEqual([
      `Ping ${'x'.repeat(125)}`,
      'Ping 00ff',
    ]);
    expect(frameTexts(engine)).toEqual([`8a ${'x'.repeat(125)}`, '8a \u0000\ufffd', '81 queued']);
  });

  it('takes pongs nobody asked for', () => {
    expect(serve([{ opcode: Pong, payload: 'hi' }, { opcode: Text, payload: 'a' }])).toEqual(['Pong hi', 'Message 1 a']);
  });

  it('answers only the latest of a flood that is not read, in bounded memory', () => {
    const engine = server();
    const flood = Array.from({ length: 5000 }, (_, index) => ({ opcode: Ping, payload: `ping ${index}` }));
    run(engine, rawFrames(flood), {
      onEvent: () => expect(engine.controlOutput.memoryBytes).toBeLessThan(4096 + 127),
    });
    expect(frameTexts(engine).at(-1)).toBe('8a ping 4999');
  });
});

describe('5.6 and 8.1 Text is UTF-8', () => {
  const kosme = [0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5];

  it('takes every place a code point can be cut by fragments and by the network', () => {
    const payload = [...kosme, 0xf0, 0x9f, 0x98, 0x80, 0xf4, 0x8f, 0xbf, 0xbf, 0xed, 0x9f, 0xbf, 0xef, 0xbf, 0xbf];
    const text = `Message 1 ${Buffer.from(payload).toString()}`;
    for (let cut = 0; cut <= payload.length; cut++) {
      const frames = rawFrames([
        { opcode: Text, payload: payload.slice(0, cut), fin: false },
        { opcode: Continuation, payload: payload.slice(cut) },
      ]);
      expect(run(server(), frames)).toEqual([text]);
      expect(run(server(), frames, { pieces: [...frames].map(() => 1) })).toEqual([text]);
    }
  });

  it.each([
    ['ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64'],
    ['f4 90 80 80'],
    ['c0 80'],
    ['e0 80 80'],
    ['f8 88 80 80 80'],
    ['80'],
    ['fe'],
    ['61 62 63 ff'],
  ])('fails %s', (hex) => {
    const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(serve([{ opcode: Text, payload }])).toEqual(['Failed 1007 invalidUtf8']);
    expect(run(client(), rawFrames([{ opcode: Text, payload }], 'server'))).toEqual(['Failed 1007 invalidUtf8']);
    expect(serve([{ opcode: Binary, payload }])[0]).toMatch(/^Message 2/);
  });

  it('fails text that ends inside a code point, in one frame or at the last fragment', () => {
    expect(serve([{ opcode: Text, payload: kosme.slice(0, 4) }])).toEqual(['Failed 1007 invalidUtf8']);
    expect(serve([{ opcode: Text, payload: kosme.slice(0, 4), fin: false }, { opcode: Continuation }])).toEqual(['Failed 1007 invalidUtf8']);
  });

  it('fails at once: at the end of a fragment that is not the last', () => {
    expect(serve([{ opcode: Text, payload: [...kosme, 0xf4, 0x90], fin: false }])).toEqual(['Failed 1007 invalidUtf8']);
  });

  it('fails at once: in the middle of a frame, at the first byte that cannot be right', () => {
    const frame = rawFrame({ opcode: Text, payload: [...kosme, 0xf4, 0x90, 0x80, 0x80, ...kosme] });
    const engine = server();
    const upToBad = 6 + kosme.length + 2;
    engine.receive(frame.slice(), 0, upToBad - 1);
    expect(engine.next()).toBe(WebSocketEvent.NeedData);
    engine.receive(frame.slice(), upToBad - 1, upToBad);
    expect(engine.next()).toBe(WebSocketEvent.Failed);
    expect(engine.failure?.code).toBe('invalidUtf8');
  });

  it('sees ASCII after an open code point for what it is', () => {
    expect(serve([{ opcode: Text, payload: [0xce], fin: false }, { opcode: Continuation, payload: 'abc' }])).toEqual(['Failed 1007 invalidUtf8']);
  });

  it('does not carry an open code point from a failed or binary message into the next', () => {
    expect(serve([{ opcode: Binary, payload: [0xce] }, { opcode: Text, payload: 'a' }])).toEqual(['Message 2 ce', 'Message 1 a']);
  });
});

describe('7.1.5 The connection’s close code', () => {
  it('is 1006 when the peer goes without a close frame, wherever it stops', () => {
    const frames = rawFrames([{ opcode: Text, payload: 'whole' }, { opcode: Text, payload: 'cut off' }]);
    expect(run(server(), frames.subarray(0, 0), { end: true })).toEqual(['Closed 1006']);
    for (const length of [12, 14, 20]) {
      const engine = server();
      expect(run(engine, frames.subarray(0, length), { end: true })).toEqual(['Message 1 whole', 'Closed 1006']);
      expect(engine.closeState).toBe('closed');
      expect(engine.heldBytes).toBe(0);
    }
  });

  it('is the peer’s when its FIN comes after its close frame', () => {
    expect(run(server(), rawFrames([closeOf(1000)]), { end: true })).toEqual(['Close 1000', 'Closed 1000']);
  });

  it('is 1006 when the peer goes without answering our close frame', () => {
    const engine = server();
    engine.close();
    expect(run(engine, new Uint8Array(0), { end: true })).toEqual(['Closed 1006']);
  });
});

describe('7.1.7 Failing the connection', () => {
  it('is final: the same answer for ever, nothing held, nothing sent after the close frame', () => {
    const engine = server();
    run(engine, rawFrames([{ opcode: Text, payload: 'x'.repeat(100), fin: false }, { opcode: 3 }]));
    const more = rawFrame({ opcode: Text, payload: 'x' });
    engine.receive(more, 0, more.length);
    engine.receive(more, 0, more.length);
    expect([engine.next(), engine.next()]).toEqual([WebSocketEvent.Failed, WebSocketEvent.Failed]);
    expect(engine.closeState).toBe('failed');
    expect(engine.heldBytes).toBe(0);
    expect(() => engine.sendText(more, 0, 1)).toThrow(UsageError);
    engine.close(1000);
    engine.receiveEnd();
    expect(engine.next()).toBe(WebSocketEvent.Failed);
    expect(frameTexts(engine)).toEqual(['88 1002 reserved opcode']);
  });

  it('sends no second close frame if one was sent', () => {
    const engine = server();
    engine.close(1000);
    expect(run(engine, rawFrames([{ opcode: 3 }]))).toEqual(['Failed 1002 reservedOpcode']);
    expect(frameTexts(engine)).toEqual(['88 1000']);
  });
});

describe('7.4 Status codes', () => {
  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])('takes and answers %i', (code) => {
    const engine = server();
    expect(run(engine, rawFrames([closeOf(code)]))).toEqual([`Close ${code}`, `Closed ${code}`]);
    expect(frameTexts(engine)).toEqual([`88 ${code}`]);
  });

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])('fails %i', (code) => {
    const engine = server();
    expect(run(engine, rawFrames([closeOf(code, 'x')]))).toEqual(['Failed 1002 closeCodeInvalid']);
    expect(frameTexts(engine)).toEqual(['88 1002 close code invalid']);
  });
});

describe('10.4 Limits', () => {
  const limits = { maxMessageBytes: 1000, maxFragments: 4 };

  it('takes a message of exactly the limit, in one frame or several', () => {
    const text = 'x'.repeat(1000);
    expect(serve([{ opcode: Text, payload: text }], { limits })).toEqual([`Message 1 ${text}`]);
    expect(serve([{ opcode: Text, payload: text.slice(0, 500), fin: false }, { opcode: Continuation, payload: text.slice(500) }], { limits })).toEqual([
      `Message 1 ${text}`,
    ]);
  });

  it.each([1001n, 70_000n, 1n << 31n, 1n << 32n, (1n << 63n) - 1n])('fails a frame of %i bytes when its head is there', (length) => {
    const head = rawFrame({ opcode: Binary, length });
    const engine = server({ limits });
    expect(run(engine, head)).toEqual(['Failed 1009 messageTooBig']);
    expect(frameTexts(engine)).toEqual(['88 1009 message too big']);
    expect(run(server({ limits }), head, { pieces: [...head].map(() => 1) })).toEqual(['Failed 1009 messageTooBig']);
  });

  it('adds fragments up, at the head of the one that is too much', () => {
    const head = rawFrame({ opcode: Continuation, length: 501n });
    const frames = join([rawFrame({ opcode: Text, payload: 'x'.repeat(500), fin: false }), head]);
    expect(run(server({ limits }), frames)).toEqual(['Failed 1009 messageTooBig']);
  });

  it('counts each message from nothing', () => {
    const frame = { opcode: Text, payload: 'x'.repeat(600) };
    const halves = [{ opcode: Text, payload: 'y'.repeat(400), fin: false }, { opcode: Continuation, payload: 'y'.repeat(400) }];
    expect(serve([frame, frame, ...halves, frame, ...halves], { limits })).toHaveLength(5);
  });

  it('fails more fragments than allowed', () => {
    const piece = { opcode: Continuation, fin: false };
    expect(serve([{ opcode: Text, fin: false }, piece, piece, { opcode: Continuation }], { limits })).toEqual(['Message 1 ']);
    expect(serve([{ opcode: Text, fin: false }, piece, piece, piece, piece], { limits })).toEqual(['Failed 1009 tooManyFragments']);
  });

  it('sets no memory aside for what a header announces', () => {
    const engine = server();
    const start = rawFrame({ opcode: Binary, length: 1_000_000n, payload: [1, 2, 3] });
    engine.receive(start, 0, start.length);
    expect(engine.next()).toBe(WebSocketEvent.NeedData);
    expect(engine.heldBytes).toBeLessThanOrEqual(4096);
  });

  it('gives the memory of a message back at the next call', () => {
    const engine = server();
    const frames = rawFrames([{ opcode: Binary, payload: new Uint8Array(50_000), fin: false }, { opcode: Continuation }]);
    engine.receive(frames, 0, frames.length);
    expect(engine.next()).toBe(WebSocketEvent.Message);
    expect(engine.heldBytes).toBeGreaterThanOrEqual(50_000);
    expect(engine.next()).toBe(WebSocketEvent.NeedData);
    expect(engine.heldBytes).toBe(0);
  });

  it('refuses limits that make no sense', () => {
    expect(() => server({ limits: { maxMessageBytes: -1 } })).toThrow(UsageError);
    expect(() => server({ limits: { maxMessageBytes: 2 ** 31 } })).toThrow(UsageError);
    expect(() => server({ limits: { maxFragments: 0 } })).toThrow(UsageError);
    expect(() => new WebSocketEngine({ role: 'client', pool: new Pool() })).toThrow(UsageError);
  });
});

describe('Lending', () => {
  it('refuses bytes while others are unread, until they are set aside', () => {
    const engine = server();
    const bytes = rawFrames([{ opcode: Text, payload: 'a' }, { opcode: Text, payload: 'b' }]);
    const more = rawFrames([{ opcode: Text, payload: 'c' }]);
    engine.receive(bytes, 0, bytes.length);
    expect(() => engine.receive(more, 0, more.length)).toThrow(UsageError);
    engine.next();
    engine.setaside();
    bytes.fill(0);
    expect(engine.heldBytes).toBe(7);
    engine.receive(more, 0, more.length);
    expect(() => engine.receive(more, 0, more.length)).toThrow(UsageError);
    engine.setaside();
    more.fill(0);
    expect(engine.heldBytes).toBe(14);
    const got: number[] = [];
    while (engine.next() === WebSocketEvent.Message) got.push(engine.data[engine.dataStart]);
    expect(Buffer.from(got).toString()).toBe('bc');
    expect(engine.heldBytes).toBe(0);
  });

  it('has nothing to set aside when all is read', () => {
    const engine = server();
    engine.setaside();
    expect(engine.heldBytes).toBe(0);
    expect(engine.next()).toBe(WebSocketEvent.NeedData);
  });
});
