import { describe, expect, it } from 'vitest';
import { colonOf, decimalOf, Header, headerOf, isName, isNamed, isSequence, skipSpaces, trimSpaces } from '../src/header-line.ts';
import { bytesOf } from './wire.ts';

function over<T>(text: string, run: (bytes: Uint8Array, start: number, end: number) => T): T {
  return run(bytesOf(`:${text}:`), 1, 1 + bytesOf(text).length);
}

describe('A header line', () => {
  it.each([
    ['a:', 1],
    ['a-b!#$%&\'*+.^_`|~Z09: x', 20],
    [':', -2],
    ['a', -2],
    ['a :', -2],
    [' a:', -2],
    ['(a):', -2],
    ['', -2],
  ])('%j has its colon at %i', (text, at) => {
    expect(over(text, colonOf)).toBe(at + 1);
  });

  it('compares names in any case, letters only', () => {
    expect(over('sIzE', (bytes, start, end) => isNamed(bytes, start, end, 'size'))).toBe(true);
    expect(over('sizes', (bytes, start, end) => isNamed(bytes, start, end, 'size'))).toBe(false);
    // 0x20 apart, as letters of two cases are.
    expect(over('^', (bytes, start, end) => isNamed(bytes, start, end, '~'))).toBe(false);
    expect(over('@', (bytes, start, end) => isNamed(bytes, start, end, '`'))).toBe(false);
  });

  it.each([
    ['Sequence', Header.Sequence],
    ['SIZE', Header.Size],
    ['offset', Header.Offset],
    ['Epoch', Header.Epoch],
    ['Since', Header.Other],
    ['Sequences', Header.Other],
    ['Sequencd', Header.Other],
    ['Siza', Header.Other],
    ['Offsex', Header.Other],
  ])('%s is header %i', (text, header) => {
    expect(over(text, headerOf)).toBe(header);
  });

  it('is trimmed of spaces, no further than it goes', () => {
    expect([over('  a ', skipSpaces), over('  a ', trimSpaces), over('   ', skipSpaces), over('   ', trimSpaces)]).toEqual([3, 4, 4, 1]);
  });

  it('has names that are tokens', () => {
    expect(['a', 'X-1', '~'].map(isName)).toEqual([true, true, true]);
    expect(['', 'a b', 'a:', 'é', 'a\r\nb', '日', '\u0141'].map(isName)).toEqual([false, false, false, false, false, false, false]);
  });

  it('has a Sequence of 1 to 64 visible characters', () => {
    expect(['!', '~', 'x'.repeat(64)].map((text) => over(text, isSequence))).toEqual([true, true, true]);
    expect(['', 'a b', 'x'.repeat(65), 'é', '\x7f'].map((text) => over(text, isSequence))).toEqual([false, false, false, false, false]);
  });

  it.each([
    ['0', 0],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', Number.POSITIVE_INFINITY],
    ['9'.repeat(1000), Number.POSITIVE_INFINITY],
    ['', -1],
    ['-1', -1],
    ['1e3', -1],
    [`${'9'.repeat(1000)}x`, -1],
  ])('has the number %s', (text, value) => {
    expect(over(text, decimalOf)).toBe(value);
  });
});
