// RFC 9112 4: the status line.

import { describe, expect, it } from 'vitest';
import { fetch } from './wire.ts';

const rest = '\r\nContent-Length: 0\r\n\r\n';

describe('RFC 9112 4: status line', () => {
  it.each([
    ['HTTP/1.1 200 OK', '200 OK 1'],
    ['HTTP/1.1 200 ', '200  1'],
    ['HTTP/1.0 404 Not Found', '404 Not Found 0'],
    ['HTTP/1.1 999 \xe9\t!', '999 \xe9\t! 1'],
  ])('%j', (line, start) => {
    expect(fetch(line + rest)[0]?.start).toBe(start);
  });

  it.each([
    ['HTTP/1.1 200', 'invalidStatusLine'],
    ['HTTP/1.1 20 OK', 'invalidStatusLine'],
    ['HTTP/1.1 2000 OK', 'invalidStatusLine'],
    ['HTTP/1.1 099 OK', 'invalidStatusLine'],
    ['HTTP/1.1 2x0 OK', 'invalidStatusLine'],
    ['HTTP/1.1  200 OK', 'invalidStatusLine'],
    ['HTTP/1.1\t200 OK', 'invalidStatusLine'],
    ['http/1.1 200 OK', 'invalidStatusLine'],
    ['HTTP/1.1 200 O\0K', 'invalidStatusLine'],
    ['ICY 200 OK', 'invalidStatusLine'],
    ['HTTP/2.0 200 OK', 'unsupportedVersion'],
    ['HTTP/2 200 OK', 'invalidStatusLine'],
    ['HTTP/2.00 200 OK', 'invalidStatusLine'],
    ['HTTP/1.1 200 OK\n', 'bareLf'],
    ['HTTP/1.1 200 OK\rX', 'bareCr'],
  ])('%j is %s', (line, code) => {
    expect(fetch(line + rest)[0]).toEqual({ event: 'failed', code, status: 502 });
  });

  it('is bounded', () => {
    const line = (n: number) => `HTTP/1.1 200 ${'x'.repeat(n - 13)}`;
    expect(fetch(line(8192) + rest)[0]?.event).toBe('message');
    expect(fetch(line(8193) + rest)[0]?.code).toBe('fieldLineTooLong');
  });
});
