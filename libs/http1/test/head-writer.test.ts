// Heads as bytes: the order of lines, framing, Connection, Date.

import { Brigade, Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/failure.ts';
import { BodyKind } from '../src/head.ts';
import { ConnectionOption, HeadWriter } from '../src/head-writer.ts';
import { EncodedFields, OutgoingFacts } from '../src/outgoing-fields.ts';
import { textOf } from './wire.ts';

const { None, Close, KeepAlive } = ConnectionOption;

interface Head {
  readonly status?: number;
  readonly fields?: readonly string[];
  readonly encoded?: EncodedFields;
  readonly kind?: 0 | 1 | 2 | 3;
  readonly length?: number;
  readonly option?: 0 | 1 | 2;
}

function writer(date?: () => string) {
  const output = new Brigade(new Pool('heads'));
  const heads = new HeadWriter(output, date);
  const facts = new OutgoingFacts();
  const take = (): string => {
    const text = textOf(output.flatten());
    output.consume(output.length);
    return text;
  };
  return {
    response({ status = 200, fields = [], encoded, kind = BodyKind.None, length = -1, option = None }: Head): string {
      facts.collect(encoded === undefined ? fields : []);
      if (encoded !== undefined) {
        facts.bytes = encoded.bytes.length;
        facts.hasDate = encoded.hasDate;
      }
      heads.response(status, encoded ?? fields, facts, kind, length, option);
      return take();
    },
    request({ fields = [], kind = BodyKind.None, length = -1, option = None }: Head): string {
      facts.collect(fields);
      heads.request('POST', '/a?b', fields, facts, kind, length, option);
      return take();
    },
  };
}

describe('response heads', () => {
  it.each<[string, Head, string]>([
    ['nothing but a status', {}, ''],
    ['fields in their order', { fields: ['B', '1', 'a', '2'] }, 'B: 1\r\na: 2\r\n'],
    ['a length', { kind: BodyKind.Length, length: 1_234_567_890_123 }, 'Content-Length: 1234567890123\r\n'],
    ['a length of 0', { length: 0 }, 'Content-Length: 0\r\n'],
    ['one Content-Length, in the engine\'s words', { fields: ['content-length', '007', 'A', 'b'], length: 7 }, 'A: b\r\nContent-Length: 7\r\n'],
    ['chunked without a length', { kind: BodyKind.Chunked, length: 5 }, 'Transfer-Encoding: chunked\r\n'],
    ['close', { option: Close }, 'Connection: close\r\n'],
    ['keep-alive', { option: KeepAlive }, 'Connection: keep-alive\r\n'],
    ['options of the caller with ours', { fields: ['Connection', 'x, KEEP-ALIVE'], option: Close }, 'Connection: x, close\r\n'],
    ['a wish that the engine does not share', { fields: ['Connection', 'close'], option: KeepAlive }, 'Connection: keep-alive\r\n'],
    ['a wish alone', { fields: ['Connection', 'close'] }, ''],
    ['upgrade', { fields: ['Upgrade', 'x'], option: Close }, 'Upgrade: x\r\nConnection: upgrade, close\r\n'],
    ['upgrade once', { fields: ['Connection', 'Upgrade,, a', 'Upgrade', 'x'] }, 'Upgrade: x\r\nConnection: a, upgrade\r\n'],
    ['TE', { fields: ['TE', 'trailers'], option: KeepAlive }, 'TE: trailers\r\nConnection: TE, keep-alive\r\n'],
  ])('%s', (_what, head, lines) => {
    expect(writer().response(head)).toBe(`HTTP/1.1 200 OK\r\n${lines}\r\n`);
  });

  it('takes encoded fields as they are', () => {
    const encoded = new EncodedFields(['Server', 'x']);
    expect(writer().response({ encoded, kind: BodyKind.Length, length: 10 })).toBe('HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 10\r\n\r\n');
  });

  it('leaves one piece of memory per head, without a gap between two', () => {
    const heads = writer();
    expect(heads.response({ status: 404, length: 0 }) + heads.response({ status: 299 })).toBe(
      'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\nHTTP/1.1 299 \r\n\r\n',
    );
  });
});

describe('Date (RFC 9110 6.6.1)', () => {
  it('comes first, anew for each head', () => {
    let second = 0;
    const { response } = writer(() => `second ${second++}`);
    expect(response({ fields: ['A', 'b'] })).toBe('HTTP/1.1 200 OK\r\nDate: second 0\r\nA: b\r\n\r\n');
    expect(response({})).toBe('HTTP/1.1 200 OK\r\nDate: second 1\r\n\r\n');
  });

  it('is not in interim replies, nor beside a Date of the caller', () => {
    const { response } = writer(() => 'now');
    expect(response({ status: 103 })).toBe('HTTP/1.1 103 Early Hints\r\n\r\n');
    expect(response({ fields: ['date', 'mine'] })).toBe('HTTP/1.1 200 OK\r\ndate: mine\r\n\r\n');
    expect(response({ encoded: new EncodedFields(['Date', 'mine']) })).toBe('HTTP/1.1 200 OK\r\nDate: mine\r\n\r\n');
  });

  it('cannot end its line', () => {
    const { response } = writer(() => 'now\r\nA: b');
    expect(() => response({})).toThrow(UsageError);
    expect(() => response({})).toThrow(UsageError);
  });
});

describe('request heads', () => {
  it('have method, target, version, fields, framing and persistence', () => {
    const { request } = writer(() => 'now');
    expect(request({ fields: ['Host', 'h'], kind: BodyKind.Length, length: 99, option: KeepAlive })).toBe(
      'POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\nConnection: keep-alive\r\n\r\n',
    );
    expect(request({ kind: BodyKind.Chunked, option: Close })).toBe('POST /a?b HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n');
  });
});
