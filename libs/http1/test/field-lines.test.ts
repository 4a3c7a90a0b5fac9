// RFC 9112 5: field lines and their end, RFC 9110 5.5: what a value may hold.

import { describe, expect, it } from 'vitest';
import { failureOf, serve } from './wire.ts';

const start = 'GET / HTTP/1.1\r\nHost: h\r\n';
const fieldsOf = (lines: string) => serve(`${start}${lines}\r\n`)[0]?.fields?.slice(1);

describe('RFC 9112 5: field lines', () => {
  it.each<[string, [string, string][]]>([
    ['A: b\r\n', [['a', 'b']]],
    ['A:b\r\n', [['a', 'b']]],
    ['A:\r\n', [['a', '']]],
    ['A: \t \r\n', [['a', '']]],
    ['A: \t b \t c\t \r\n', [['a', 'b \t c']]],
    ['A: b:c\r\n', [['a', 'b:c']]],
    ['A: 1\r\nB: 2\r\na: 3\r\n', [['a', '1'], ['b', '2'], ['a', '3']]],
    ["!#$%&'*+-.^_`|~9z: tchar\r\n", [["!#$%&'*+-.^_`|~9z", 'tchar']]],
    ['A: \xe9\xff\x80\r\n', [['a', '\xe9\xff\x80']]],
  ])('%j', (lines, fields) => {
    expect(fieldsOf(lines)).toEqual(fields);
  });

  it.each([
    ['A : b\r\n\r\n', 'spaceBeforeColon'],
    ['A\t: b\r\n\r\n', 'spaceBeforeColon'],
    ['A b: c\r\n\r\n', 'spaceBeforeColon'],
    [': b\r\n\r\n', 'invalidFieldName'],
    ['A\r\n\r\n', 'invalidFieldName'],
    ['A(: b\r\n\r\n', 'invalidFieldName'],
    ['A\xe9: b\r\n\r\n', 'invalidFieldName'],
    ['A\0: b\r\n\r\n', 'invalidFieldName'],
    ['A: b\r\n c\r\n\r\n', 'obsoleteFold'],
    ['A: b\r\n\tc\r\n\r\n', 'obsoleteFold'],
    ['A: b\r\n \r\n\r\n', 'obsoleteFold'],
    ['A: b\nC: d\r\n\r\n', 'bareLf'],
    ['A\n', 'bareLf'],
    ['\n', 'bareLf'],
    ['A: b\rC: d\r\n\r\n', 'bareCr'],
    ['A: b\r\r\n\r\n', 'bareCr'],
    ['A: b\r\n\rX', 'bareCr'],
    ['A: b\0c\r\n\r\n', 'invalidFieldValue'],
    ['A: b\x01\r\n\r\n', 'invalidFieldValue'],
    ['A: b\x1b\r\n\r\n', 'invalidFieldValue'],
    ['A: b\x7f\r\n\r\n', 'invalidFieldValue'],
    ['A: \x0b\r\n\r\n', 'invalidFieldValue'],
  ])('%j is %s', (lines, code) => {
    expect(failureOf(start + lines)).toBe(code);
  });

  it('refuses whitespace between the request line and the first field (RFC 9112 2.2)', () => {
    expect(failureOf('GET / HTTP/1.1\r\n Host: h\r\n\r\n')).toBe('whitespaceBeforeFields');
    expect(failureOf('GET / HTTP/1.1\r\n\tHost: h\r\n\r\n')).toBe('whitespaceBeforeFields');
  });
});

describe('limits', () => {
  it.each([
    ['value', (n: number) => `A:${'b'.repeat(n - 2)}`],
    ['blanks', (n: number) => `A:${' '.repeat(n - 2)}`],
    ['name', (n: number) => `${'a'.repeat(n - 1)}:`],
  ])('takes a line of exactly maxFieldLineBytes (%s)', (_kind, line) => {
    expect(failureOf(`${start}${line(8192)}\r\n\r\n`)).toBeNull();
    expect(serve(`${start}${line(8193)}\r\n\r\n`)[0]).toEqual({ event: 'failed', code: 'fieldLineTooLong', status: 431 });
  });

  it('takes exactly maxFields lines', () => {
    expect(failureOf(`${start}${'A: b\r\n'.repeat(99)}\r\n`)).toBeNull();
    expect(serve(`${start}${'A: b\r\n'.repeat(100)}\r\n`)[0]).toEqual({ event: 'failed', code: 'tooManyFields', status: 431 });
  });
});
