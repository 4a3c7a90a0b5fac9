// RFC 9112 2.2 and 3: what a request line is, and every way in which it is not one.

import { describe, expect, it } from 'vitest';
import { failureOf, serve } from './wire.ts';

const rest = '\r\nHost: h\r\n\r\n';

describe('RFC 9112 3: request line', () => {
  it.each(['GET / HTTP/1.1', 'M-SEARCH / HTTP/1.1', "!#$%&'*+-.^_`|~ / HTTP/1.1", 'G / HTTP/1.0'])('takes %s', (line) => {
    expect(failureOf(line + rest)).toBeNull();
  });

  it('keeps the case of the method', () => {
    expect(serve(`get /a HTTP/1.1${rest}`)[0]?.start).toBe('get /a 1');
  });

  it.each([
    [' GET / HTTP/1.1', 'requestLineWhitespace'],
    ['\tGET / HTTP/1.1', 'requestLineWhitespace'],
    ['GET  / HTTP/1.1', 'requestLineWhitespace'],
    ['GET\t/ HTTP/1.1', 'requestLineWhitespace'],
    ['GET /  HTTP/1.1', 'requestLineWhitespace'],
    ['GET /\tHTTP/1.1', 'requestLineWhitespace'],
    ['GET / HTTP/1.1 ', 'requestLineWhitespace'],
    ['GET / HTTP/1.1\t', 'requestLineWhitespace'],
    ['GET /a b HTTP/1.1', 'invalidVersion'],
    ['GET', 'invalidRequestLine'],
    ['GET /', 'invalidRequestLine'],
    ['GET ', 'invalidRequestLine'],
    ['G@T / HTTP/1.1', 'invalidMethod'],
    ['G(T / HTTP/1.1', 'invalidMethod'],
    ['"GET" / HTTP/1.1', 'invalidMethod'],
    ['\x16\x03\x01\x02', 'invalidMethod'],
    ['GE\0T / HTTP/1.1', 'invalidMethod'],
    ['G\xc9T / HTTP/1.1', 'invalidMethod'],
    ['GET / http/1.1', 'invalidVersion'],
    ['GET / HTTP/1', 'invalidVersion'],
    ['GET / HTTP/1.', 'invalidVersion'],
    ['GET / HTTP/1.10', 'invalidVersion'],
    ['GET / HTTP/1,1', 'invalidVersion'],
    ['GET / HTTP/11', 'invalidVersion'],
    ['GET / HTTP /1.1', 'invalidVersion'],
    ['GET / HTTPS/1.1', 'invalidVersion'],
    ['GET / HTTP/x.1', 'invalidVersion'],
    ['GET / HTTP/2.0', 'unsupportedVersion'],
    ['GET / HTTP/0.9', 'unsupportedVersion'],
    ['PRI * HTTP/2.0', 'unsupportedVersion'],
    ['GET / HTTP/01.01', 'invalidVersion'],
    ['GET / HTTP/2x', 'invalidVersion'],
    ['GET / HTTP/2', 'invalidVersion'],
    ['GET / HTTP/2.00', 'invalidVersion'],
  ])('%j is %s', (line, code) => {
    expect(failureOf(line + rest)).toBe(code);
  });

  it('takes a minor version beyond 1 for 1.1 (RFC 9110 2.5)', () => {
    expect(serve(`GET / HTTP/1.9${rest}`)[0]).toMatchObject({ event: 'message', start: 'GET / 9' });
  });
});

describe('RFC 9112 2.2: line ends', () => {
  it.each([
    ['GET / HTTP/1.1\nHost: h\r\n\r\n', 'bareLf'],
    ['GET /\nHTTP/1.1\r\nHost: h\r\n\r\n', 'bareLf'],
    ['GET\n', 'bareLf'],
    ['GET / HTTP/1.1\rHost: h\r\n\r\n', 'bareCr'],
    ['GET / HTTP/1.1\r\r\nHost: h\r\n\r\n', 'bareCr'],
    ['\nGET / HTTP/1.1\r\n', 'bareLf'],
    ['\rGET / HTTP/1.1\r\n', 'bareCr'],
    ['\r\r\nGET / HTTP/1.1\r\n', 'bareCr'],
    ['\r\n\r\n\r\nGET / HTTP/1.1\r\n', 'tooManyBlankLines'],
  ])('%j is %s', (text, code) => {
    expect(failureOf(text)).toBe(code);
  });

  it('skips a bounded number of empty lines before a request, each time', () => {
    const record = serve(`\r\nGET /1 HTTP/1.1${rest}\r\n\r\nGET /2 HTTP/1.1${rest}\r\n`, {}, true);
    expect(record.map((r) => r.start ?? r.event)).toEqual(['GET /1 1', 'GET /2 1', 'closed']);
    expect(failureOf('\r\n\r\n', { maxLeadingBlankLines: 1 })).toBe('tooManyBlankLines');
  });
});

describe('limits', () => {
  it('takes a target of exactly maxTargetBytes', () => {
    const target = `/${'a'.repeat(8191)}`;
    expect(serve(`GET ${target} HTTP/1.1${rest}`)[0]?.start).toBe(`GET ${target} 1`);
    expect(serve(`GET ${target}a HTTP/1.1${rest}`)[0]).toEqual({ event: 'failed', code: 'targetTooLong', status: 414 });
    const query = `/?${'a'.repeat(8190)}`;
    expect(failureOf(`GET ${query} HTTP/1.1${rest}`)).toBeNull();
    expect(failureOf(`GET ${query}a HTTP/1.1${rest}`)).toBe('targetTooLong');
    expect(failureOf(`GET /${'a'.repeat(8191)}?b HTTP/1.1${rest}`)).toBe('targetTooLong');
  });

  it('takes a method of exactly maxMethodBytes', () => {
    expect(failureOf(`${'M'.repeat(32)} / HTTP/1.1${rest}`)).toBeNull();
    expect(serve(`${'M'.repeat(33)} / HTTP/1.1${rest}`)[0]).toEqual({ event: 'failed', code: 'methodTooLong', status: 501 });
  });
});
