// What a head tells beside its fields, and how long it may be used.

import { describe, expect, it } from 'vitest';
import { Http1Event } from '../src/index.ts';
import { bytesOf, server } from './wire.ts';

describe('RequestHead', () => {
  it('is used again for the next message, and keeps nothing of the last', () => {
    const engine = server();
    engine.receive(
      bytesOf(
        'POST http://a/b?c HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: upgrade\r\nUpgrade: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1' +
          'GET / HTTP/1.0\r\n\r\n',
      ),
    );
    engine.next();
    const head = engine.request;
    expect(head.acceptsTrailers).toBe(true);
    expect(head.upgrade).toEqual(['x']);
    const method = head.method;
    engine.next();
    engine.next();
    engine.sendHead(204);
    engine.sendEnd();
    expect(engine.next()).toBe(Http1Event.Head);
    expect(engine.request).toBe(head);
    expect(method).toBe('POST');
    expect(head).toMatchObject({
      method: 'GET', target: '/', form: 'origin', query: null, authority: '', minorVersion: 0, count: 0, contentLength: 0,
      keepAlive: false, expectsContinue: false, upgrade: [], acceptsTrailers: false,
    });
  });
});
