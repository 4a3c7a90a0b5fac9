import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUtf8, textOf, writeText } from '../src/utf8.ts';
import { bytesOf } from './wire.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodes(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe('UTF-8', () => {
  it('is what the platform takes for it', () => {
    const byte = fc.constantFrom(0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 6 }), (bytes) => {
        const all = Uint8Array.from(bytes);
        expect(isUtf8(all, 0, all.length)).toBe(decodes(all));
      }),
      { numRuns: 5000 },
    );
  });

  it('does not look behind its end', () => {
    expect(isUtf8(bytesOf('é'), 0, 1)).toBe(false);
    expect(isUtf8(bytesOf('aé'), 0, 1)).toBe(true);
  });

  it('goes to text and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = bytesOf(text);
        expect(textOf(bytes, 0, bytes.length)).toBe(text);
        const into = new Uint8Array(bytes.length + 2);
        expect(writeText(into, 1, text)).toBe(1 + bytes.length);
        expect(into.subarray(1, 1 + bytes.length)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
