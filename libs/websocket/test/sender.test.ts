import { Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/failure.ts';
import { Opcode } from '../src/opcodes.ts';
import { encodeSharedFrame } from '../src/sharedFrame.ts';
import { toBytes } from './support/frames.ts';
import { client, frameTexts, server, takeFrames, takeOutput } from './support/run.ts';

const hello = toBytes('Hello');

function codeOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('Sending data (RFC 6455, section 6.1)', () => {
  it('5.7: a server’s frame is the unmasked example', () => {
    const engine = server();
    engine.sendText(hello, 0, 5);
    expect([...takeOutput(engine)]).toEqual([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
  });

  it('5.7: a client’s frame is the masked example', () => {
    const engine = client({ maskKey: () => 0x3d21fa37 });
    engine.sendText(hello, 0, 5);
    expect([...takeOutput(engine)]).toEqual([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
  });

  it('5.3: a client asks for a new key for every frame', () => {
    let asked = 0;
    const engine = client({ maskKey: () => ++asked });
    engine.sendText(hello, 0, 5);
    engine.sendPing();
    engine.close();
    expect(asked).toBe(3);
  });

  it.each([0, 1, 125, 126, 127, 512, 513, 8191, 8192, 8193, 65_535, 65_536, 300_000])('carries %i bytes in both roles, from any place in an array', (length) => {
    const bytes = Uint8Array.from({ length: length + 7 }, (_, index) => index * 31);
    for (const engine of [server(), client()]) {
      engine.sendBinary(bytes, 3, 3 + length);
      const [frame, ...others] = takeFrames(engine);
      expect(others).toEqual([]);
      expect(frame.first).toBe(0x82);
      expect(frame.masked).toBe(engine.role === 'client');
      expect(Buffer.from(frame.payload).equals(Buffer.from(bytes.subarray(3, 3 + length)))).toBe(true);
    }
  });

  it('does not change what it is given', () => {
    const bytes = toBytes('x'.repeat(20_000));
    client().sendText(bytes, 0, bytes.length);
    expect(bytes.every((byte) => byte === 0x78)).toBe(true);
  });

  it('5.4: sends fragments, with control frames between them and no other message', () => {
    const engine = server();
    engine.sendFrame(Opcode.Text, hello, 0, 2, false);
    engine.sendPing(hello, 0, 1);
    expect(codeOf(() => engine.sendText(hello, 0, 5))).toBe('messageInProgress');
    expect(codeOf(() => engine.sendFrame(Opcode.Binary, hello, 0, 5, true))).toBe('messageInProgress');
    expect(codeOf(() => engine.sendShared(encodeSharedFrame(new Pool(), 1, hello, 0, 5)))).toBe('messageInProgress');
    engine.sendFrame(Opcode.Continuation, hello, 2, 4, false);
    engine.sendFrame(Opcode.Continuation, hello, 4, 5, true);
    expect(codeOf(() => engine.sendFrame(Opcode.Continuation, hello, 0, 5, true))).toBe('noMessageInProgress');
    engine.sendText(hello, 0, 5);
    expect(frameTexts(engine)).toEqual(['01 He', '89 H', '00 ll', '80 o', '81 Hello']);
  });

  it('5.5: control frames carry 125 bytes at most', () => {
    const engine = server();
    expect(codeOf(() => engine.sendPing(new Uint8Array(126)))).toBe('controlTooLong');
    expect(codeOf(() => engine.sendPong(new Uint8Array(126)))).toBe('controlTooLong');
    engine.sendPong(toBytes('x'.repeat(125)));
    engine.sendPing();
    expect(frameTexts(engine)).toEqual([`8a ${'x'.repeat(125)}`, '89 ']);
  });
});

describe('Closing (RFC 6455, sections 5.5.1 and 7.1.2)', () => {
  it('sends code and reason once, and nothing after', () => {
    const engine = server();
    engine.sendText(hello, 0, 5);
    engine.close(4000, 'dön’t');
    engine.close(1000);
    for (const send of [
      () => engine.sendText(hello, 0, 5),
      () => engine.sendBinary(hello, 0, 5),
      () => engine.sendFrame(Opcode.Text, hello, 0, 5, true),
      () => engine.sendPing(),
      () => engine.sendPong(),
      () => engine.sendShared(encodeSharedFrame(new Pool(), 1, hello, 0, 5)),
    ]) {
      expect(codeOf(send)).toBe('closed');
    }
    expect(frameTexts(engine)).toEqual(['81 Hello', '88 4000 dön’t']);
  });

  it('sends an empty close frame without a code', () => {
    const engine = server();
    engine.close(null);
    expect(frameTexts(engine)).toEqual(['88 ']);
  });

  it('refuses codes that may not be sent and reasons that are too long, and stays open', () => {
    const engine = server();
    for (const code of [0, 999, 1005, 1006, 1015, 2000, 5000]) expect(codeOf(() => engine.close(code))).toBe('closeCodeInvalid');
    expect(codeOf(() => engine.close(1000, 'é'.repeat(62)))).toBe('closeReasonTooLong');
    expect(engine.closeState).toBe('open');
    engine.close(1000, `${'é'.repeat(61)}x`);
    expect(takeFrames(engine)[0].payload.length).toBe(125);
  });

  it('can be done in the middle of a fragmented message', () => {
    const engine = server();
    engine.sendFrame(Opcode.Text, hello, 0, 2, false);
    engine.close(1001);
    expect(frameTexts(engine)).toEqual(['01 He', '88 1001']);
  });
});
