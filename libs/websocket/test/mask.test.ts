import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMask, turnKey } from '../src/mask.ts';

function keyBytes(key: number): number[] {
  return [key & 0xff, (key >>> 8) & 0xff, (key >>> 16) & 0xff, key >>> 24];
}

describe('applyMask (RFC 6455, section 5.3)', () => {
  it('unmasks the example of section 5.7', () => {
    const bytes = Uint8Array.of(0x7f, 0x9f, 0x4d, 0x51, 0x58);
    expect(applyMask(bytes, 0, 5, 0x3d21fa37)).toBe(0);
    expect(Buffer.from(bytes).toString()).toBe('Hello');
  });

  it('XORs byte i with byte i mod 4 of the key, at any offset, length and alignment, and nothing around it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 700 }),
        fc.nat(9),
        fc.nat(9),
        fc.integer(),
        fc.boolean(),
        (payload, offset, start, key, seenBefore) => {
          const memory = new ArrayBuffer(offset + start + payload.length + 7);
          const bytes = new Uint8Array(memory, offset);
          if (seenBefore) applyMask(bytes, 0, bytes.length, 0);
          bytes.set(payload, start);
          const k = keyBytes(key);
          const masked = payload.map((byte, index) => byte ^ k[index & 3]);
          const high = applyMask(bytes, start, start + payload.length, key);
          expect([...bytes.subarray(start, start + payload.length)]).toEqual([...masked]);
          if (high === 0) expect(masked.every((byte) => byte < 0x80)).toBe(true);
          else if (payload.length < 256) expect(masked.some((byte) => byte >= 0x80)).toBe(true);
          expect(bytes.subarray(0, start).every((byte) => byte === 0)).toBe(true);
          expect(bytes.subarray(start + payload.length).every((byte) => byte === 0)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is the same in pieces, with the key turned', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.nat(400), fc.integer(), (payload, where, key) => {
        const cut = where % payload.length;
        const whole = payload.slice();
        applyMask(whole, 0, whole.length, key);
        applyMask(payload, 0, cut, key);
        applyMask(payload, cut, payload.length, turnKey(key, cut));
        expect([...payload]).toEqual([...whole]);
      }),
    );
  });
});
