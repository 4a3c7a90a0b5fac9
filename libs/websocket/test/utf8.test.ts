import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkUtf8, decodeUtf8, encodeUtf8, utf8Broken, utf8Start } from '../src/utf8.ts';

const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isValid(bytes: Uint8Array): boolean {
  try {
    fatal.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes near valid text: code points of every length with some bytes changed, dropped or put in. */
const nearText = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.tuple(fc.nat(200), fc.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5, 0xff)), { maxLength: 3 }),
    fc.nat(12),
  )
  .map(([text, edits, cut]) => {
    const bytes = Buffer.from(text, 'utf8');
    for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
    return new Uint8Array(bytes.subarray(0, Math.max(0, bytes.length - cut)));
  });

describe('checkUtf8 (RFC 3629)', () => {
  it('agrees with a fatal TextDecoder on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(checkUtf8(utf8Start, bytes, 0, bytes.length) === utf8Start).toBe(isValid(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with a fatal TextDecoder on text with mutated bytes, however it is cut', () => {
    fc.assert(
      fc.property(nearText, fc.array(fc.nat(80), { maxLength: 4 }), (bytes, cuts) => {
        const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted((a, b) => a - b);
        let state = utf8Start;
        let start = 0;
        for (const end of ends) {
          state = checkUtf8(state, bytes, start, end);
          start = end;
        }
        expect(state === utf8Start).toBe(isValid(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees on every lead with second bytes at every bound, alone and with more after them', () => {
    for (let lead = 0; lead < 256; lead++) {
      for (const second of [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
        for (const bytes of [Uint8Array.of(lead, second), Uint8Array.of(lead, second, 0x80), Uint8Array.of(lead, second, 0x80, 0xbf)]) {
          if ((checkUtf8(utf8Start, bytes, 0, bytes.length) === utf8Start) !== isValid(bytes)) expect.fail(bytes.join(' '));
        }
      }
    }
  });

  it('breaks at the first byte that no continuation could save', () => {
    for (const [bytes, broken] of [
      [[0xc0], 1],
      [[0xe0, 0x9f], 2],
      [[0xed, 0xa0], 2],
      [[0xf0, 0x8f], 2],
      [[0xf4, 0x90], 2],
      [[0xf5], 1],
      [[0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xff], 6],
      [[0xf1, 0x80, 0x80, 0x41], 4],
    ] as const) {
      const array = Uint8Array.from(bytes);
      expect(checkUtf8(utf8Start, array, 0, broken - 1), `${bytes.join(' ')}`).not.toBe(utf8Broken);
      expect(checkUtf8(utf8Start, array, 0, broken), `${bytes.join(' ')}`).toBe(utf8Broken);
    }
  });

  it('finds one bad byte at any place of a long run of ASCII, at any alignment', () => {
    for (let offset = 0; offset < 5; offset++) {
      for (let at = 0; at < 70; at++) {
        const bytes = new Uint8Array(new ArrayBuffer(96), offset, 71).fill(0x61);
        expect(checkUtf8(utf8Start, bytes, 0, 71)).toBe(utf8Start);
        bytes[at] = 0x80;
        expect(checkUtf8(utf8Start, bytes, 0, 71)).toBe(utf8Broken);
        expect(checkUtf8(utf8Start, bytes, 0, at)).toBe(utf8Start);
      }
    }
  });

  it('stays broken', () => {
    expect(checkUtf8(utf8Broken, Uint8Array.of(0x61), 0, 1)).toBe(utf8Broken);
  });
});

describe('encodeUtf8, decodeUtf8', () => {
  it('go there and back, as TextEncoder and TextDecoder do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const bytes = encodeUtf8(text);
        expect([...bytes]).toEqual([...new TextEncoder().encode(text)]);
        expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text);
      }),
    );
  });

  it('replace lone surrogates', () => {
    expect([...encodeUtf8('a\ud800b\udc00')]).toEqual([...new TextEncoder().encode('a\ud800b\udc00')]);
  });
});
