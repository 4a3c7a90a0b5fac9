// RFC 9112 7.1: the chunked coding, its extensions and its end.

import { describe, expect, it } from 'vitest';
import { failureOf, serve } from './wire.ts';

const start = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('RFC 9112 7.1: chunks', () => {
  it.each([
    ['0\r\n\r\n', ''],
    ['5\r\nhello\r\n0\r\n\r\n', 'hello'],
    ['5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n', 'hello world'],
    ['a\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
    ['A\r\n0123456789\r\n000\r\n\r\n', '0123456789'],
    ['0000000000000002\r\nab\r\n0\r\n\r\n', 'ab'],
    ['2\r\n\r\n\r\n0\r\n\r\n', '\r\n'],
    ['1;a\r\nx\r\n0;b=c\r\n\r\n', 'x'],
    ['1 ; a = "q\\"\\\\\xff" ;b\t;c=d\r\nx\r\n0\r\n\r\n', 'x'],
    ['1;a=""\r\nx\r\n0\r\n\r\n', 'x'],
    ['1;a \r\nx\r\n0\r\n\r\n', undefined],
  ])('%j', (body, expected) => {
    if (expected === undefined) expect(failureOf(start + body)).toBe('invalidChunkExtension');
    else expect(serve(start + body)).toEqual([expect.objectContaining({ event: 'message', body: expected })]);
  });

  it.each([
    ['\r\n', 'invalidChunkSize'],
    ['g\r\n', 'invalidChunkSize'],
    ['-1\r\n', 'invalidChunkSize'],
    ['+1\r\n', 'invalidChunkSize'],
    ['0x1\r\nx\r\n', 'invalidChunkSize'],
    [' 1\r\nx\r\n', 'invalidChunkSize'],
    ['1_0\r\n', 'invalidChunkSize'],
    [';a\r\n', 'invalidChunkSize'],
    ['1 \r\nx\r\n', 'invalidChunkExtension'],
    ['\n', 'bareLf'],
    ['1\nx\r\n', 'bareLf'],
    ['1\rx', 'bareCr'],
    ['1\r\nx\n0\r\n', 'bareLf'],
    ['1\r\nx\r0', 'bareCr'],
    ['1\r\nxy\r\n', 'invalidChunkEnd'],
    ['3\r\nx\r\n0\r\n\r\n', 'invalidChunkEnd'],
    ['0\r\n\n', 'bareLf'],
    ['0\r\n\rx', 'bareCr'],
    ['00000000000000001\r\n', 'chunkSizeOverflow'],
    ['fffffffffffffffff\r\n', 'chunkSizeOverflow'],
    ['20000000000000\r\n', 'chunkSizeOverflow'],
    ['1fffffffffffff\r\n', 'bodyTooLarge'],
    ['100001\r\n', 'bodyTooLarge'],
    ['1;\r\n', 'invalidChunkExtension'],
    ['1;;\r\n', 'invalidChunkExtension'],
    ['1;=b\r\n', 'invalidChunkExtension'],
    ['1;a=\r\n', 'invalidChunkExtension'],
    ['1;a==\r\n', 'invalidChunkExtension'],
    ['1;a="b\r\n', 'invalidChunkExtension'],
    ['1;a="b"c\r\n', 'invalidChunkExtension'],
    ['1;a="\x01"\r\n', 'invalidChunkExtension'],
    ['1;a b\r\n', 'invalidChunkExtension'],
    ['1;a="b\\\r\n', 'invalidChunkExtension'],
    ['1;a\n', 'bareLf'],
    ['1;a="\n', 'bareLf'],
    ['1;\0\r\n', 'invalidChunkExtension'],
  ])('%j is %s', (body, code) => {
    expect(failureOf(start + body)).toBe(code);
  });

  it('bounds the body, whatever its chunks', () => {
    expect(failureOf(`${start}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`, { maxBodyBytes: 5 })).toBeNull();
    const record = serve(`${start}3\r\nabc\r\n3\r\ndef\r\n`, { maxBodyBytes: 5 });
    expect(record[0]?.body).toBe('abc');
    expect(record[1]).toEqual({ event: 'failed', code: 'bodyTooLarge', status: 413 });
  });

  it('bounds the extensions over the whole body', () => {
    const chunk = '1;abcdef\r\nx\r\n';
    expect(failureOf(`${start}${chunk.repeat(5)}0\r\n\r\n`, { maxChunkExtensionBytes: 40 })).toBeNull();
    expect(serve(`${start}${chunk.repeat(6)}`, { maxChunkExtensionBytes: 40 }).at(-1)).toMatchObject({ code: 'chunkExtensionsTooLarge', status: 413 });
    expect(failureOf(`${start}1;${'a'.repeat(5000)}`)).toBe('chunkExtensionsTooLarge');
  });
});

describe('RFC 9112 7.1.2: trailers', () => {
  it('gives them apart from the fields of the head', () => {
    const [message] = serve(`${start}0\r\nX-Sum: 1\r\nx-sum:  2 \r\n\r\n`);
    expect(message?.trailers).toEqual([['x-sum', '1'], ['x-sum', '2']]);
    expect(message?.fields?.some(([name]) => name === 'x-sum')).toBe(false);
  });

  it('does not carry them over to the next message', () => {
    const record = serve(`${start}0\r\nA: 1\r\n\r\n${start}0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(record.map((r) => r.trailers)).toEqual([[['a', '1']], null, null]);
  });

  it.each([
    ['tooManyTrailers', 'A: 1\r\n'.repeat(33)],
    ['trailersTooLarge', `A: ${'x'.repeat(5000)}\r\nB: ${'x'.repeat(5000)}\r\n`],
    ['whitespaceBeforeFields', ' A: 1\r\n'],
    ['obsoleteFold', 'A: 1\r\n B\r\n'],
    ['spaceBeforeColon', 'A : 1\r\n'],
    ['invalidFieldValue', 'A: \0\r\n'],
  ])('%s', (code, lines) => {
    expect(failureOf(`${start}0\r\n${lines}\r\n`)).toBe(code);
  });
});

describe('linearity', () => {
  it('takes a body of one-byte chunks in any pieces', () => {
    const body = '1\r\nx\r\n'.repeat(3000);
    expect(serve(`${start}${body}0\r\n\r\n`)[0]?.body).toBe('x'.repeat(3000));
  });
});
