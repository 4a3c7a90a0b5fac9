import { Pool } from '@sluice/brigade';
import { Http1Engine, Http1Event, type ResponseHead } from '@sluice/http1';
import { describe, expect, it } from 'vitest';
import { closeRefusal, isPermanent, refusalText, retryAfterMs, retryHintMs } from '../src/handshake-refusal.ts';

function response(...lines: string[]): ResponseHead {
  const engine = new Http1Engine({ role: 'client', pool: new Pool('test') });
  engine.sendRequest('GET', '/', ['Host', 'a']);
  engine.sendEnd();
  engine.receive(Buffer.from(`HTTP/1.1 ${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`));
  expect(engine.next()).toBe(Http1Event.Head);
  return engine.response;
}

const text = (body: string): number[] => [...Buffer.from(body)];

describe('a refusal', () => {
  it('is for good, unless its status says "not now"', () => {
    expect([301, 400, 401, 403, 404, 426, 501].filter(isPermanent)).toEqual([301, 400, 401, 403, 404, 426, 501]);
    expect([408, 425, 429, 500, 502, 503, 504].filter(isPermanent)).toEqual([]);
  });

  it('takes Retry-After in seconds, or as a date beside Date (RFC 9110 10.2.3)', () => {
    expect(retryAfterMs(response('503 X', 'Retry-After: 12'))).toBe(12_000);
    expect(retryAfterMs(response('503 X', 'Date: Sun, 06 Nov 1994 08:49:37 GMT', 'Retry-After: Sun, 06 Nov 1994 08:50:07 GMT'))).toBe(30_000);
    for (const lines of [[], ['Retry-After: soon'], ['Retry-After: -1'], ['Retry-After: Sun, 06 Nov 1994 08:50:07 GMT'], ['Retry-After: 99999999999']]) {
      expect(retryAfterMs(response('503 X', ...lines))).toBeNull();
    }
  });

  it('takes the hint of a close frame only as the gateway gives it', () => {
    expect(retryHintMs('retry-after-ms=1234')).toBe(1234);
    expect(retryHintMs('going away; retry-after-ms=5')).toBe(5);
    for (const reason of ['', 'retry', 'retry-after-ms=', 'retry-after-ms=12x', 'no-retry-after-ms=5']) expect(retryHintMs(reason)).toBeNull();
  });

  it('may be a close code that blames the client', () => {
    expect(closeRefusal(1009, 'the message is too large')).toEqual({ text: 'the server closed the WebSocket with 1009: the message is too large', status: 1009, permanent: true });
    expect(closeRefusal(1008, '')?.text).toBe('the server closed the WebSocket with 1008');
    expect(closeRefusal(1008, 'Too many messages: 5 a second are allowed')?.permanent).toBe(false);
    expect(closeRefusal(1008, 'retry-after-ms=5')?.permanent).toBe(false);
    expect(closeRefusal(4401, 'no token')).toEqual({ text: 'the server closed the WebSocket with 4401: no token', status: 401, permanent: true });
    expect(closeRefusal(4403, '')).toMatchObject({ status: 403, permanent: true });
    expect(closeRefusal(4429, 'Too many. retry-after-ms=5')).toMatchObject({ status: 429, permanent: false });
    expect(closeRefusal(4503, '')).toMatchObject({ status: 503, permanent: false });
    for (const code of [4000, 4399, 4600, 4999]) expect(closeRefusal(code, 'x')).toBeNull();
    for (const code of [0, 1000, 1001, 1005, 1006, 1011, 1012, 1013, 3000]) expect(closeRefusal(code, 'x')).toBeNull();
  });

  it('is told in one line that no terminal obeys', () => {
    const plain = response('403 Forbidden', 'Content-Type: text/plain');
    expect(refusalText(plain, text('go away\nnow \u001b[31mred\u0007'))).toBe('the server answered 403 Forbidden: go away now [31mred');
    expect(refusalText(plain, text('y'.repeat(999))).length).toBeLessThan(310);
    expect(refusalText(plain, [0xff, 0xfe])).toBe('the server answered 403 Forbidden');
  });

  it('shows the detail of a problem document, its title, or where a redirection leads', () => {
    const problem = response('400 Bad Request', 'Content-Type: application/problem+json; charset=utf-8');
    expect(refusalText(problem, text('{"title":"Nope","detail":"the topic is empty"}'))).toBe('the server answered 400 Bad Request: the topic is empty');
    expect(refusalText(problem, text('{"title":"Nope"}'))).toBe('the server answered 400 Bad Request: Nope');
    for (const body of ['{', '[]', 'null', '{"detail":7}']) expect(refusalText(problem, text(body))).toBe('the server answered 400 Bad Request');
    expect(refusalText(response('301 Moved', 'Location: https://example.test/'), [])).toContain(': see https://example.test/');
    expect(refusalText(response('404 Not Found', 'Content-Type: text/html'), text('<h1>'))).toBe('the server answered 404 Not Found');
  });
});
