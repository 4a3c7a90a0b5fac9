import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBatch, encodeClientFrame, serverFrameBytes } from '../../src/load/frame.ts';

/** A decoder of one frame, after RFC 6455 §5.2, written apart from the encoder. */
function decode(frame: Buffer): { payload: Buffer; bytes: number } {
  expect(frame[0]).toBe(0b1000_0010);
  expect((frame[1] ?? 0) & 0x80).toBe(0x80);
  const short = (frame[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  const length = short === 126 ? frame.readUInt16BE(2) : short === 127 ? Number(frame.readBigUInt64BE(2)) : short;
  const mask = frame.subarray(start, start + 4);
  const masked = frame.subarray(start + 4, start + 4 + length);
  return { payload: Buffer.from(masked.map((byte, i) => byte ^ (mask[i % 4] ?? 0))), bytes: start + 4 + length };
}

describe('client frames', () => {
  it('are the masked example of RFC 6455 §5.7, as binary', () => {
    expect(encodeClientFrame(Buffer.from('Hello'), [0x37, 0xfa, 0x21, 0x3d]).toString('hex')).toBe('828537fa213d7f9f4d5158');
  });

  it.each([0, 1, 125, 126, 65_535, 65_536])('carry %i bytes', (length) => {
    const payload = Buffer.alloc(length, 'abc');
    expect(decode(encodeClientFrame(payload, [1, 2, 3, 4]))).toEqual({ payload, bytes: serverFrameBytes(length) + 4 });
  });

  it('carry any bytes under any mask', () => {
    const byte = fc.nat(255);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.tuple(byte, byte, byte, byte), (payload, mask) => {
        expect(decode(encodeClientFrame(payload, mask)).payload).toEqual(Buffer.from(payload));
      }),
    );
  });

  it('are batched back to back', () => {
    const batch = encodeBatch(64, 16);
    expect(batch).toHaveLength(16 * 70);
    for (let at = 0; at < batch.length; at += 70) expect(decode(batch.subarray(at)).payload).toEqual(Buffer.alloc(64, 'x'));
  });
});
