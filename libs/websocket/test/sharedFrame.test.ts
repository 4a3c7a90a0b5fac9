import { Pool, shareBytes } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { Opcode } from '../src/opcodes.ts';
import { encodeSharedDeflatedFrame, encodeSharedFrame } from '../src/sharedFrame.ts';
import { parseFrames, toBytes } from './support/frames.ts';
import { client, frameTexts, run, server, takeOutput } from './support/run.ts';
import { ZlibDeflate } from '../zlib/zlib-deflate.ts';

describe('Shared frames', () => {
  it('are encoded once and referred to by every receiver', () => {
    const root = new Pool('root');
    const payload = toBytes('to all of you '.repeat(10));
    const frame = encodeSharedFrame(root, Opcode.Text, payload, 0, payload.length);
    const engines = Array.from({ length: 50 }, () => server({ pool: root.subpool() }));
    for (const engine of engines) engine.sendShared(frame);
    frame.release();
    expect(root.outstanding().bytes).toBe(payload.length + 4);
    for (const engine of engines) {
      expect(engine.output.first()).toBe(frame);
      expect(frameTexts(engine)).toEqual([`81 ${Buffer.from(payload).toString()}`]);
    }
    expect(root.outstanding().bytes).toBe(0);
  });

  it.each([0, 125, 126, 65_535, 65_536])('carry %i bytes', (length) => {
    const pool = new Pool();
    const frame = encodeSharedFrame(pool, Opcode.Binary, new Uint8Array(length + 2).fill(7), 1, 1 + length);
    const engine = server({ pool });
    engine.sendShared(frame);
    const [parsed] = parseFrames(takeOutput(engine));
    expect(parsed.payload.length).toBe(length);
    expect(parsed.payload.every((byte) => byte === 7)).toBe(true);
  });

  it('are a server’s only, and compressed ones need a peer that agreed', () => {
    const pool = new Pool();
    const frame = encodeSharedFrame(pool, Opcode.Text, toBytes('Hello'), 0, 5);
    expect(() => client().sendShared(frame)).toThrow('only a server');
    expect(() => server().sendShared(shareBytes(pool, Uint8Array.of(0xc1, 0)))).toThrow('did not agree');
    expect(frame.refs).toBe(1);
  });
});

const keepBoth = { serverNoContextTakeover: false, clientNoContextTakeover: false, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };

describe('Shared compressed frames (RFC 7692)', () => {
  it('7.2.1: are plain for a message that does not shrink, and then leave the receivers’ windows as they are', () => {
    const pool = new Pool();
    const deflate = { factory: new ZlibDeflate(), parameters: keepBoth, thresholdBytes: 0 };
    const engine = server({ deflate, pool });
    const peer = client({ deflate });
    const text = 'the same text, and the same text again';
    const frame = encodeSharedDeflatedFrame(pool, deflate.factory.deflater({ windowBits: 15, level: 6 }), Opcode.Text, toBytes('!?'), 0, 2);
    engine.sendText(toBytes(text), 0, text.length);
    engine.sendShared(frame);
    engine.sendText(toBytes(text), 0, text.length);
    frame.release();
    const wire = takeOutput(engine);
    const [first, shared, again] = parseFrames(wire);
    expect([first.first, shared.first, again.first]).toEqual([0xc1, 0x81, 0xc1]);
    expect(again.payload.length).toBeLessThan(first.payload.length / 2);
    expect(run(peer, wire)).toEqual([`Message 1 ${text}`, 'Message 1 !?', `Message 1 ${text}`]);
  });

  it('suit receivers with and without takeover, between their own messages', () => {
    const pool = new Pool();
    const maker = new ZlibDeflate().deflater({ windowBits: 12, level: 6 });
    const text = toBytes('the same for everybody, the same for everybody');
    for (const parameters of [{ serverNoContextTakeover: true }, {}]) {
      const deflate = { factory: new ZlibDeflate(), parameters: { ...keepBoth, ...parameters }, thresholdBytes: 0 };
      const engine = server({ deflate, pool });
      const peer = client({ deflate });
      const own = toBytes('the same, but only for you; the same, but only for you');
      const events: string[] = [];
      for (let round = 0; round < 3; round++) {
        engine.sendText(own, 0, own.length);
        const frame = encodeSharedDeflatedFrame(pool, maker, Opcode.Text, text, 0, text.length);
        engine.sendShared(frame);
        frame.release();
        events.push(...run(peer, takeOutput(engine)));
      }
      expect(events).toEqual(Array.from({ length: 3 }, () => [`Message 1 ${Buffer.from(own)}`, `Message 1 ${Buffer.from(text)}`]).flat());
    }
    expect(pool.outstanding().bytes).toBe(0);
  });
});
