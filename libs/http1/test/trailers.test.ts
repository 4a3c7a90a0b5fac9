// RFC 9110 6.5.1: what may not be a trailer, received or sent.

import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/index.ts';
import { isForbiddenTrailer } from '../src/trailers.ts';
import { bytesOf, failureOf, server, takeOutput } from './wire.ts';

const names = ['Transfer-Encoding', 'content-length', 'HOST', 'Connection', 'Authorization', 'Content-Type', 'Set-Cookie', 'Trailer'];

describe('forbidden trailers', () => {
  it.each(names)('%s', (name) => {
    const text = `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nOk: 1\r\n${name}: 1\r\n\r\n`;
    expect(failureOf(text)).toBe('forbiddenTrailer');
    expect(isForbiddenTrailer(name.toLowerCase())).toBe(true);
    const engine = server();
    engine.receive(bytesOf('GET / HTTP/1.1\r\nHost: h\r\n\r\n'));
    engine.next();
    engine.sendHead(200);
    takeOutput(engine);
    expect(() => engine.sendEnd([name, '1'])).toThrow(UsageError);
    expect(takeOutput(engine)).toBe('');
    engine.sendEnd(['Digest', '1']);
    expect(takeOutput(engine)).toBe('0\r\nDigest: 1\r\n\r\n');
  });

  it('leaves others alone', () => {
    expect(isForbiddenTrailer('server-timing')).toBe(false);
  });
});
