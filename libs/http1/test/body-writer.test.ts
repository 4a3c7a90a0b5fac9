// RFC 9112 6 and 7.1 on the way out: counted, chunked, or as long as the connection lasts.

import { Brigade, makeFlush, makeSent, Pool, shareBytes, streamBucket } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { BodyWriter } from '../src/body-writer.ts';
import { UsageError } from '../src/failure.ts';
import { BodyKind, type BodyKindCode } from '../src/head.ts';
import { noFields } from '../src/outgoing-fields.ts';
import { bytesOf, textOf } from './wire.ts';

function writing(kind: BodyKindCode, length = 0) {
  const pool = new Pool('bodies');
  const output = new Brigade(pool);
  const body = new BodyWriter(output);
  body.begin(kind, length);
  return {
    pool,
    output,
    body,
    data: (text: string) => body.data(bytesOf(`<${text}>`), 1, text.length + 1),
    /** What the writer has made, marks in brackets. */
    made: () => Array.from({ length: output.count }, (_, i) => output.at(i))
      .map((bucket) => (bucket.type.isMark ? `[${bucket.type.name}]` : textOf(bucket.bytes!.subarray(bucket.start, bucket.start + bucket.length)))).join(''),
  };
}

/** Shared bytes and a flush mark, as a brigade. */
function brigadeOf(pool: Pool, ...texts: string[]): Brigade {
  const brigade = new Brigade(pool);
  for (const text of texts) brigade.append(text === 'flush' ? makeFlush() : shareBytes(pool, bytesOf(text)));
  return brigade;
}

describe('chunked', () => {
  it.each([1, 9, 10, 15, 16, 64, 65, 255, 256, 4095, 4096, 4097, 70_000])('frames %i bytes', (length) => {
    const { body, data, made } = writing(BodyKind.Chunked);
    const text = 'x'.repeat(length);
    data(text);
    data('y');
    body.end(noFields);
    expect(made()).toBe(`${length.toString(16)}\r\n${text}\r\n1\r\ny\r\n0\r\n\r\n`);
  });

  it('makes no chunk of nothing: that would be the last', () => {
    const { pool, body, data, made } = writing(BodyKind.Chunked);
    data('');
    body.bucket(shareBytes(pool, bytesOf('')));
    body.brigade(brigadeOf(pool));
    expect(made()).toBe('');
  });

  it('puts a bucket, by reference, between its size and its end', () => {
    const { pool, output, body, made } = writing(BodyKind.Chunked);
    const bucket = shareBytes(pool, bytesOf('shared'));
    body.bucket(bucket);
    expect(made()).toBe('6\r\nshared\r\n');
    expect(Array.from({ length: output.count }, (_, i) => output.at(i))).toContain(bucket);
  });

  it('makes one chunk of a brigade, whose marks keep their places', () => {
    const { pool, body, made } = writing(BodyKind.Chunked);
    const brigade = brigadeOf(pool, 'ab', 'flush', 'cde');
    body.brigade(brigade);
    expect(brigade.isEmpty).toBe(true);
    expect(made()).toBe('5\r\nab[flush]cde\r\n');
  });

  it('passes a mark alone', () => {
    const { body, made } = writing(BodyKind.Chunked);
    body.bucket(makeFlush());
    expect(made()).toBe('[flush]');
  });

  it('ends with trailers', () => {
    const { body, made } = writing(BodyKind.Chunked);
    body.end(['Digest', 'x', 'A', '']);
    expect(made()).toBe('0\r\nDigest: x\r\nA: \r\n\r\n');
  });

  it('writes nothing of trailers that may not be', () => {
    const { body, made } = writing(BodyKind.Chunked);
    for (const trailers of [['A', 'b\r\n'], ['A b', 'c'], ['Content-Length', '1'], ['host', 'h']]) {
      expect(() => body.end(trailers)).toThrow(UsageError);
    }
    expect(made()).toBe('');
  });
});

describe('counted', () => {
  it('takes exactly its length, however it comes', () => {
    const { pool, body, data, made } = writing(BodyKind.Length, 9);
    data('abc');
    body.bucket(shareBytes(pool, bytesOf('de')));
    body.brigade(brigadeOf(pool, 'fg', 'flush', 'hi'));
    body.end(noFields);
    expect(made()).toBe('abcdefg[flush]hi');
  });

  it('refuses a byte more, and writes nothing of it', () => {
    const { pool, body, data, made } = writing(BodyKind.Length, 3);
    data('ab');
    const bucket = shareBytes(pool, bytesOf('cd'));
    expect(() => data('cd')).toThrow('the body goes 1 bytes beyond its Content-Length');
    expect(() => body.bucket(bucket)).toThrow(UsageError);
    expect(() => body.brigade(brigadeOf(pool, 'c', 'd'))).toThrow(UsageError);
    data('c');
    body.end(noFields);
    expect(made()).toBe('abc');
  });

  it('refuses to end a byte short', () => {
    const { body, data } = writing(BodyKind.Length, 3);
    data('ab');
    expect(() => body.end(noFields)).toThrow('the body ends 1 bytes short of its Content-Length');
  });

  it('checks trailers and drops them (RFC 9110 6.5)', () => {
    const { body, made } = writing(BodyKind.Length, 0);
    body.end(['A', 'b']);
    expect(() => body.end(['A', '\n'])).toThrow(UsageError);
    expect(made()).toBe('');
  });
});

describe('until close', () => {
  it('is the bytes and nothing else', () => {
    const { pool, body, data, made } = writing(BodyKind.UntilClose);
    data('ab');
    body.brigade(brigadeOf(pool, 'cd'));
    body.end(['A', 'b']);
    expect(made()).toBe('abcd');
  });
});

describe('no body', () => {
  it('drops what is sent, and lets go of it, but not the marks', () => {
    const { pool, body, data, made } = writing(BodyKind.None);
    data('abc');
    body.bucket(shareBytes(pool, bytesOf('shared')));
    body.brigade(brigadeOf(pool, 'ab', 'flush'));
    body.bucket(makeSent(() => {}));
    body.end(noFields);
    expect(made()).toBe('[flush][sent]');
    expect(pool.outstanding().bytes).toBe(0);
  });
});

describe('the caller', () => {
  it('cannot send bytes that are not there', () => {
    const { body } = writing(BodyKind.Chunked);
    for (const [start, end] of [[-1, 2], [0, 4], [2, 1], [Number.NaN, 2]] as const) {
      expect(() => body.data(new Uint8Array(3), start, end)).toThrow(UsageError);
    }
  });

  it('cannot send what has no length yet', () => {
    const { pool, body, made } = writing(BodyKind.Chunked);
    const stream = () => streamBucket({ read: () => 0, onReadable() {}, close() {} });
    const brigade = new Brigade(pool);
    brigade.append(stream());
    expect(() => body.bucket(stream())).toThrow(UsageError);
    expect(() => body.brigade(brigade)).toThrow(UsageError);
    expect(made()).toBe('');
  });

  it('begins the next body anew', () => {
    const { body, data, made } = writing(BodyKind.Length, 1);
    body.begin(BodyKind.Chunked, 0);
    data('ab');
    body.begin(BodyKind.Length, 2);
    data('cd');
    expect(made()).toBe('2\r\nab\r\ncd');
  });
});
