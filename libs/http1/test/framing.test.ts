// RFC 9112 6: one reading of how long a message is; 9.3: whether the connection goes on; RFC 9110 7.8 and 10.1.1.

import { describe, expect, it } from 'vitest';
import { BodyKind, Http1Event, type RequestHead } from '../src/index.ts';
import { bytesOf, failureOf, fetch, serve, server } from './wire.ts';

const post = (fields: string, body = '', version = '1.1') => `POST / HTTP/${version}\r\nHost: h\r\n${fields}\r\n${body}`;

function headOf(text: string): RequestHead {
  const engine = server();
  engine.receive(bytesOf(text));
  expect(engine.next()).toBe(Http1Event.Head);
  return engine.request;
}

describe('RFC 9112 6.1: Transfer-Encoding', () => {
  it.each([
    ['Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', 'lengthAndCoding'],
    ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 'lengthAndCoding'],
    ['Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', 'lengthAndCoding'],
    ['Transfer-Encoding: gzip\r\n', 'unknownTransferCoding'],
    ['Transfer-Encoding: identity\r\n', 'unknownTransferCoding'],
    ['Transfer-Encoding: xchunked\r\n', 'unknownTransferCoding'],
    ['Transfer-Encoding: gzip, chunked\r\n', 'unknownTransferCoding'],
    ['Transfer-Encoding: gzip;q=1\r\n', 'unknownTransferCoding'],
    ['Transfer-Encoding: chunked, gzip\r\n', 'chunkedNotLast'],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', 'chunkedNotLast'],
    ['Transfer-Encoding: chunked, chunked\r\n', 'chunkedRepeated'],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', 'chunkedRepeated'],
    ['Transfer-Encoding:\r\n', 'invalidTransferCoding'],
    ['Transfer-Encoding: ,chunked\r\n', 'invalidTransferCoding'],
    ['Transfer-Encoding: chunked,\r\n', 'invalidTransferCoding'],
    ['Transfer-Encoding: chunked;x=1\r\n', 'invalidTransferCoding'],
    ['Transfer-Encoding: "chunked"\r\n', 'invalidTransferCoding'],
    ['Transfer-Encoding: chun\x80ked\r\n', 'invalidTransferCoding'],
  ])('%j is %s', (fields, code) => {
    expect(failureOf(post(fields, '0\r\n\r\n'))).toBe(code);
  });

  it.each(['chunked', 'CHUNKED', ' Chunked \t'])('takes %j', (coding) => {
    expect(serve(post(`Transfer-Encoding:${coding}\r\n`, '1\r\nx\r\n0\r\n\r\n'))[0]?.body).toBe('x');
  });

  it('is faulty framing on HTTP/1.0', () => {
    expect(failureOf(post('Transfer-Encoding: chunked\r\n', '', '1.0'))).toBe('codingOnHttp10');
  });
});

describe('RFC 9112 6.2: Content-Length', () => {
  it.each([
    ['Content-Length: 5\r\nContent-Length: 5\r\n', 'repeatedContentLength'],
    ['Content-Length: 5\r\nContent-Length: 6\r\n', 'repeatedContentLength'],
    ['Content-Length: 5, 5\r\n', 'repeatedContentLength'],
    ['Content-Length: 5,6\r\n', 'repeatedContentLength'],
    ['Content-Length:\r\n', 'invalidContentLength'],
    ['Content-Length: +5\r\n', 'invalidContentLength'],
    ['Content-Length: -5\r\n', 'invalidContentLength'],
    ['Content-Length: 5.0\r\n', 'invalidContentLength'],
    ['Content-Length: 0x5\r\n', 'invalidContentLength'],
    ['Content-Length: 5 5\r\n', 'invalidContentLength'],
    ['Content-Length: 1e3\r\n', 'invalidContentLength'],
    ['Content-Length: \xb2\r\n', 'invalidContentLength'],
    ['Content-Length: 9007199254740992\r\n', 'contentLengthOverflow'],
    [`Content-Length: ${'9'.repeat(400)}\r\n`, 'contentLengthOverflow'],
    ['Content-Length: 1048577\r\n', 'bodyTooLarge'],
  ])('%j is %s', (fields, code) => {
    expect(failureOf(post(fields, 'x'))).toBe(code);
  });

  it('takes leading zeros, and what follows is the next request', () => {
    const record = serve(post('Content-Length: 0005\r\n', `hello${post('')}`));
    expect(record.map((r) => r.body)).toEqual(['hello', '']);
  });

  it('says how long the body is', () => {
    expect(headOf(post(''))).toMatchObject({ bodyKind: BodyKind.None, contentLength: 0 });
    expect(headOf(post('Content-Length: 0\r\n'))).toMatchObject({ bodyKind: BodyKind.None, contentLength: 0 });
    expect(headOf(post('Content-Length: 1048576\r\n'))).toMatchObject({ bodyKind: BodyKind.Length, contentLength: 1_048_576 });
    expect(headOf(post('Transfer-Encoding: chunked\r\n'))).toMatchObject({ bodyKind: BodyKind.Chunked, contentLength: -1 });
  });
});

describe('RFC 9112 6.3: a response', () => {
  it.each<[string, string, { body: string; last: string }]>([
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', { body: 'ok', last: 'message' }],
    ['GET', 'HTTP/1.1 200 OK\r\n\r\nuntil the end', { body: 'until the end', last: 'closed' }],
    ['GET', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nuntil the end', { body: 'until the end', last: 'closed' }],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', { body: '', last: 'message' }],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', { body: '', last: 'message' }],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', { body: '', last: 'message' }],
    ['HEAD', 'HTTP/1.1 200 OK\r\n\r\n', { body: '', last: 'message' }],
    ['CONNECT', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', { body: 'no', last: 'message' }],
  ])('%s: %j', (method, text, { body, last }) => {
    const record = fetch(text, method, [], last === 'closed');
    expect(record[0]).toMatchObject({ event: 'message', body });
    expect(record.at(-1)?.event).toBe(last);
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n', 'lengthAndCoding'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'unknownTransferCoding'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n', 'repeatedContentLength'],
  ])('%j is %s', (text, code) => {
    expect(fetch(text).at(-1)).toEqual({ event: 'failed', code, status: 502 });
  });
});

describe('RFC 9112 9.3: persistence', () => {
  it.each([
    ['1.1', '', true],
    ['1.1', 'Connection: close\r\n', false],
    ['1.1', 'Connection: x, CLOSE ,y\r\n', false],
    ['1.1', 'Connection: keep-alive\r\nConnection: close\r\n', false],
    ['1.1', 'Connection: closed\r\n', true],
    ['1.1', 'Connection: "close"\r\n', true],
    ['1.0', '', false],
    ['1.0', 'Connection: Keep-Alive\r\n', true],
    ['1.0', 'Connection: keep-alive, close\r\n', false],
  ])('HTTP/%s with %j: %s', (version, fields, keepAlive) => {
    expect(headOf(post(fields, '', version)).keepAlive).toBe(keepAlive);
    const text = post(fields, '', version);
    expect(serve(text + text).map((r) => r.event)).toEqual(keepAlive ? ['message', 'message'] : ['message', 'closed']);
  });
});

describe('RFC 9110 7.8: Upgrade', () => {
  it.each<[string, string, string[]]>([
    ['1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', ['websocket']],
    ['1.1', 'Connection: keep-alive, upgrade\r\nUpgrade: a/1, b\r\nUpgrade: c\r\n', ['a/1', 'b', 'c']],
    ['1.1', 'Upgrade: websocket\r\n', []],
    ['1.1', 'Connection: upgrade\r\n', []],
    ['1.0', 'Connection: upgrade\r\nUpgrade: websocket\r\n', []],
  ])('HTTP/%s with %j', (version, fields, upgrade) => {
    expect(headOf(post(fields, '', version)).upgrade).toEqual(upgrade);
  });
});

describe('RFC 9110 10.1.1: Expect', () => {
  it.each([
    ['1.1', 'Expect: 100-continue\r\nContent-Length: 1\r\n', true],
    ['1.1', 'Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n', true],
    ['1.1', 'Expect: 100-continue\r\n', false],
    ['1.0', 'Expect: 100-continue\r\nContent-Length: 1\r\n', false],
  ])('HTTP/%s with %j: %s', (version, fields, expects) => {
    expect(headOf(post(fields, '', version)).expectsContinue).toBe(expects);
  });

  it('answers 417 to any other expectation', () => {
    expect(serve(post('Expect: the-unexpected\r\n'))[0]).toEqual({ event: 'failed', code: 'unknownExpectation', status: 417 });
  });
});
