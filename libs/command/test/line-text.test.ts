import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/index.ts';
import { decimal, textBytes, wordBytes } from '../src/line-text.ts';

describe('Text for a line', () => {
  it('is measured in UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = text.replaceAll(/[\0-\x20\x7f]/g, '');
        expect(textBytes(clean, 'it')).toBe(Buffer.byteLength(clean));
        expect(textBytes(`a ${clean}`, 'it')).toBe(2 + Buffer.byteLength(clean));
        expect(wordBytes(`a${clean}`, 'it')).toBe(1 + Buffer.byteLength(clean));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['\r', '\n', 'a\r\nSequence: 1', '\0', '\t', '\x1f', '\x7f', '\ud800', 'a\udc00b', '\udc00\ud800'])('%j cannot be sent', (text) => {
    expect(() => textBytes(text, 'it')).toThrow(UsageError);
    expect(() => wordBytes(text, 'it')).toThrow(UsageError);
  });

  it('that is a word has no spaces, and something', () => {
    expect(() => wordBytes('a b', 'a topic')).toThrow('a topic "a b" has a space');
    expect(() => wordBytes('', 'a topic')).toThrow('a topic is empty');
  });

  it('that is a number is whole and not negative', () => {
    expect([decimal(0, 'it'), decimal(2 ** 53 - 1, 'it')]).toEqual(['0', '9007199254740991']);
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) expect(() => decimal(value, 'it')).toThrow(UsageError);
  });
});
