// Byte classes against the RFCs' own words, and text of every length.

import { describe, expect, it } from 'vitest';
import { equalsToken, fieldValue, hexValue, latin1, tokenLower } from '../src/characters.ts';
import { bytesOf } from './wire.ts';

const all = Array.from({ length: 256 }, (_, code) => code);

describe('byte classes', () => {
  it('tokens (RFC 9110 5.6.2)', () => {
    for (const code of all) {
      const character = String.fromCharCode(code);
      const isToken = /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(character);
      expect(tokenLower[code]).toBe(isToken ? character.toLowerCase().charCodeAt(0) : 0);
    }
  });

  it('field values (RFC 9110 5.5)', () => {
    for (const code of all) expect(fieldValue[code]).toBe(code === 9 || (code >= 32 && code !== 127) ? 1 : 0);
  });

  it('hexadecimal digits', () => {
    for (const code of all) {
      const character = String.fromCharCode(code);
      expect(hexValue[code]).toBe(/[0-9a-fA-F]/.test(character) ? Number.parseInt(character, 16) : -1);
    }
  });
});

describe('text', () => {
  it('is one character per byte, at any length', () => {
    const bytes = Uint8Array.from(all);
    for (let length = 0; length <= 256; length++) {
      expect(latin1(bytes, 256 - length, 256)).toBe(Buffer.from(bytes.subarray(256 - length)).toString('latin1'));
    }
  });

  it('is compared without regard to case', () => {
    expect(equalsToken(bytesOf('xKeep-ALIVEx'), 1, 11, 'keep-alive')).toBe(true);
    expect(equalsToken(bytesOf('keep_alive'), 0, 10, 'keep-alive')).toBe(false);
    expect(equalsToken(bytesOf('keep'), 0, 4, 'keep-alive')).toBe(false);
  });
});
