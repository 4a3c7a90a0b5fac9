// What a server sends: framing of replies, persistence, 100-continue, upgrades, replies to failed requests.

import { heapBytes, makeSent, shareBytes } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { EncodedFields, type Http1Engine, Http1Event, UsageError } from '../src/index.ts';
import { bytesOf, client, pool, server, takeOutput } from './wire.ts';

/** A server that has read up to the event after the head of `text`. */
function asked(text: string, options = {}): Http1Engine {
  const engine = server(options);
  engine.receive(bytesOf(text));
  expect(engine.next()).toBe(Http1Event.Head);
  return engine;
}

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const get10 = 'GET / HTTP/1.0\r\n\r\n';
const head = 'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n';

/** The whole reply of status with the body `hello`. */
function reply(engine: Http1Engine, status: number, fields: string[], length: number, body = 'hello'): string {
  engine.sendHead(status, fields, length);
  engine.sendData(bytesOf(body));
  engine.sendEnd();
  return takeOutput(engine);
}

/** Events until one that needs the driver. */
function finish(engine: Http1Engine): number {
  for (;;) {
    const event = engine.next();
    if (event !== Http1Event.Data && event !== Http1Event.EndOfMessage) return event;
  }
}

describe('RFC 9112 6: framing of replies', () => {
  it('sends a known length as Content-Length', () => {
    expect(reply(asked(get), 200, ['A', 'b'], 5)).toBe('HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello');
  });

  it('takes Content-Length from the fields', () => {
    expect(reply(asked(get), 200, ['content-length', '5', 'A', 'b'], -1)).toBe('HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello');
  });

  it('chunks an unknown length on HTTP/1.1', () => {
    expect(reply(asked(get), 200, [], -1)).toBe('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n');
  });

  it('closes after an unknown length on HTTP/1.0, even when asked to keep alive', () => {
    const engine = asked('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(reply(engine, 200, [], -1)).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello');
    expect(finish(engine)).toBe(Http1Event.Closed);
  });

  it('writes sizes in hexadecimal for chunks of any size', () => {
    for (const size of [1, 9, 10, 15, 16, 255, 256, 4095, 4096, 4097, 100_000]) {
      const engine = asked(get);
      const body = 'x'.repeat(size);
      expect(reply(engine, 200, [], -1, body)).toContain(`\r\n\r\n${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    }
  });

  it.each([
    [head, 200, 5, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
    [head, 200, -1, 'HTTP/1.1 200 OK\r\n\r\n'],
    [get, 204, -1, 'HTTP/1.1 204 No Content\r\n\r\n'],
    [get, 204, 0, 'HTTP/1.1 204 No Content\r\n\r\n'],
    [get, 304, -1, 'HTTP/1.1 304 Not Modified\r\n\r\n'],
    [get, 304, 5, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
    ['HEAD / HTTP/1.0\r\n\r\n', 200, -1, 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'],
  ])('sends nothing of a body: %j, %i, length %i', (request, status, length, expected) => {
    expect(reply(asked(request), status, [], length)).toBe(expected);
  });

  it('gives 205 an empty body', () => {
    const engine = asked(get);
    engine.sendHead(205);
    engine.sendEnd();
    expect(takeOutput(engine)).toBe('HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n');
    expect(() => asked(get).sendHead(205, [], 3)).toThrow(UsageError);
  });

  it('has a status line for a status without a phrase', () => {
    expect(reply(asked(get), 299, [], 5)).toMatch(/^HTTP\/1\.1 299 \r\n/);
  });

  it('sends buckets by reference, and drops them where there is no body', () => {
    const shared = shareBytes(pool, bytesOf('shared'));
    const engine = asked(get);
    let sent = 0;
    engine.sendHead(200);
    engine.sendBucket(shared.retain());
    engine.sendBucket(makeSent(() => sent++));
    expect(Array.from({ length: engine.output.count }, (_, i) => engine.output.at(i))).toContain(shared);
    engine.sendEnd();
    expect(takeOutput(engine)).toContain('\r\n\r\n6\r\nshared\r\n0\r\n\r\n');
    expect(sent).toBe(1);

    const bodiless = asked(head);
    bodiless.sendHead(200, [], 6);
    bodiless.sendBucket(shared.retain());
    bodiless.sendBucket(makeSent(() => sent++));
    bodiless.sendEnd();
    expect(takeOutput(bodiless)).toBe('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n');
    expect(sent).toBe(2);
    expect(shared.refs).toBe(1);
    shared.release();
  });

  it('sends a brigade as one chunk, marks in their places', () => {
    for (const [request, expected] of [[get, '\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n'], [head, '\r\n\r\n']] as const) {
      const engine = asked(request);
      const other = server().output;
      let sent = 0;
      other.append(heapBytes(pool, bytesOf('abc')));
      other.append(makeSent(() => sent++));
      other.append(heapBytes(pool, bytesOf('def')));
      engine.sendHead(200);
      engine.sendBrigade(other);
      engine.sendEnd();
      expect(other.isEmpty).toBe(true);
      expect(takeOutput(engine).endsWith(expected)).toBe(true);
      expect(sent).toBe(1);
    }
  });

  it('keeps to its Content-Length', () => {
    const engine = asked(get);
    engine.sendHead(200, [], 5);
    engine.sendData(bytesOf('hell'));
    takeOutput(engine);
    expect(() => engine.sendData(bytesOf('oo'))).toThrow(UsageError);
    expect(() => engine.sendEnd()).toThrow(UsageError);
    expect(takeOutput(engine)).toBe('');
    engine.sendData(bytesOf('o'));
    engine.sendEnd();
    expect(takeOutput(engine)).toBe('o');
  });
});

describe('fields of a reply', () => {
  it('writes Date where a function is given, unless the fields have one', () => {
    const date = () => 'Sat, 21 Nov 2026 05:28:17 GMT';
    expect(reply(asked(get, { date }), 200, [], 5)).toBe(`HTTP/1.1 200 OK\r\nDate: ${date()}\r\nContent-Length: 5\r\n\r\nhello`);
    expect(reply(asked(get, { date }), 200, ['date', 'mine'], 5)).toBe('HTTP/1.1 200 OK\r\ndate: mine\r\nContent-Length: 5\r\n\r\nhello');
  });

  it('takes fields encoded beforehand', () => {
    const encoded = new EncodedFields(['Content-Type', 'text/plain', 'Vary', 'Accept']);
    const engine = asked(get);
    engine.sendHead(200, encoded, 5);
    engine.sendData(bytesOf('hello'));
    engine.sendEnd();
    expect(takeOutput(engine)).toBe('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nVary: Accept\r\nContent-Length: 5\r\n\r\nhello');
  });

  it.each([
    [['A', 'b\r\nC: d']],
    [['A', 'b\nc']],
    [['A', 'b\rc']],
    [['A', '\0']],
    [['A', '\u0100']],
    [['A', '\u010d\u010a']],
    [['A\r\nB', 'c']],
    [['A:', 'c']],
    [['A B', 'c']],
    [['', 'c']],
    [['\u0141', 'c']],
    [['A']],
    [['Transfer-Encoding', 'chunked']],
    [['Content-Length', '5, 5']],
    [['Content-Length', '-1']],
    [['Content-Length', '5', 'content-length', '5']],
    [['Content-Length', '6']],
  ])('refuses %j, with nothing written', (fields) => {
    const engine = asked(get);
    expect(() => engine.sendHead(200, fields, 5)).toThrow(UsageError);
    expect(engine.output.isEmpty).toBe(true);
    expect(reply(engine, 200, [], 5)).toMatch(/^HTTP\/1\.1 200/);
  });

  it.each([100, 101, 199, 99, 1000, 200.5, Number.NaN])('refuses the status %d for a final reply', (status) => {
    expect(() => asked(get).sendHead(status)).toThrow(UsageError);
  });
});

describe('RFC 9112 9: persistence', () => {
  it('says close on HTTP/1.0, and keep-alive when asked', () => {
    expect(reply(asked(get10), 200, [], 5)).toContain('\r\nConnection: close\r\n');
    const kept = asked('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(reply(kept, 200, [], 5)).toContain('\r\nConnection: keep-alive\r\n');
    expect(finish(kept)).toBe(Http1Event.NeedData);
    expect(kept.isIdle).toBe(true);
  });

  it.each<[string, (engine: Http1Engine) => void, string[], string]>([
    ['close()', (engine) => engine.close(), [], 'close'],
    ['the fields say close', () => {}, ['Connection', 'close'], 'close'],
    ['with other options', () => {}, ['Connection', 'foo, close'], 'foo, close'],
    ['with Upgrade', (engine) => engine.close(), ['Upgrade', 'h2c'], 'upgrade, close'],
  ])('closes when %s', (_name, prepare, fields, connection) => {
    const engine = asked(get + get);
    prepare(engine);
    expect(reply(engine, 200, fields, 5)).toContain(`\r\nConnection: ${connection}\r\n`);
    expect(engine.keepAlive).toBe(false);
    expect(finish(engine)).toBe(Http1Event.Closed);
    engine.receive(bytesOf(get));
    expect(engine.next()).toBe(Http1Event.Closed);
  });

  it('keeps other connection options, and says upgrade for Upgrade', () => {
    const engine = asked(get);
    expect(reply(engine, 426, ['Upgrade', 'websocket', 'Connection', 'x-hop, keep-alive'], 5)).toContain('\r\nConnection: x-hop, upgrade\r\n');
    expect(finish(engine)).toBe(Http1Event.NeedData);
  });

  it('closes after maxRequests', () => {
    const engine = asked(get + get + get, { limits: { maxRequests: 2 } });
    expect(reply(engine, 200, [], 5)).not.toContain('Connection');
    expect(finish(engine)).toBe(Http1Event.Head);
    expect(reply(engine, 200, [], 5)).toContain('Connection: close');
    expect(finish(engine)).toBe(Http1Event.Closed);
  });

  it('closes at once when idle', () => {
    const engine = server();
    engine.close();
    expect(engine.next()).toBe(Http1Event.Closed);
  });

  it('close() in the middle of a reply ends after it', () => {
    const engine = asked(get + get);
    engine.sendHead(200, [], 5);
    engine.close();
    engine.sendData(bytesOf('hello'));
    engine.sendEnd();
    expect(finish(engine)).toBe(Http1Event.Closed);
  });

  it('does not read the rest of a request once a closing reply has ended', () => {
    const engine = asked('POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 100\r\n\r\nabc');
    reply(engine, 404, [], 5);
    expect(engine.next()).toBe(Http1Event.Closed);
  });

  it('still gives the rest of a request whose reply persists', () => {
    const engine = asked('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc' + get);
    reply(engine, 404, [], 5);
    expect([engine.next(), engine.next(), engine.next()]).toEqual([Http1Event.Data, Http1Event.EndOfMessage, Http1Event.Head]);
  });

  it('replies to requests that came before FIN', () => {
    const engine = asked(get + get);
    engine.receiveEnd();
    reply(engine, 200, [], 5);
    expect(finish(engine)).toBe(Http1Event.Head);
    reply(engine, 200, [], 5);
    expect(finish(engine)).toBe(Http1Event.Closed);
  });
});

describe('RFC 9110 10.1.1: 100-continue', () => {
  const post = 'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n';

  it('sends 100 once', () => {
    const engine = asked(post);
    expect(engine.expectsContinue).toBe(true);
    engine.sendContinue();
    engine.sendContinue();
    expect(takeOutput(engine)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(engine.expectsContinue).toBe(false);
    expect(reply(engine, 200, [], 5)).not.toContain('close');
  });

  it('closes when the final reply comes instead', () => {
    const engine = asked(post);
    expect(reply(engine, 413, [], 5)).toContain('Connection: close');
    expect(engine.next()).toBe(Http1Event.Closed);
  });

  it('is of no use once the body has come', () => {
    const engine = asked(`${post}ok`);
    expect(engine.next()).toBe(Http1Event.Data);
    engine.sendContinue();
    expect(engine.output.isEmpty).toBe(true);
    expect(reply(engine, 200, [], 5)).not.toContain('close');
  });

  it('sends other interim replies', () => {
    const engine = asked(get);
    engine.sendInterim(103, ['Link', '</a>']);
    expect(takeOutput(engine)).toBe('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    expect(() => engine.sendInterim(101)).toThrow(UsageError);
    expect(() => engine.sendInterim(200)).toThrow(UsageError);
    expect(() => asked(get10).sendInterim(103)).toThrow(UsageError);
  });
});

describe('RFC 9110 7.8: upgrades', () => {
  const upgrade = (method: string, extra = '', body = '') =>
    `${method} / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n${extra}\r\n${body}`;

  it('hands over with the bytes that came after', () => {
    const engine = asked(`${upgrade('GET')}leftover`);
    engine.acceptUpgrade('websocket', ['Sec-WebSocket-Accept', 'x']);
    expect(takeOutput(engine)).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\nConnection: upgrade\r\n\r\n',
    );
    expect([engine.next(), engine.next(), engine.next()]).toEqual([Http1Event.EndOfMessage, Http1Event.Upgrade, Http1Event.Upgrade]);
    engine.setaside();
    expect(engine.takeLeftover()).toEqual(bytesOf('leftover'));
    expect(engine.heldBytes).toBeLessThan(200);
    expect(engine.takeLeftover().length).toBe(0);
  });

  it('waits for the end of the request, and sends 100 first where it is waited for', () => {
    const engine = asked(upgrade('POST', 'Expect: 100-continue\r\nContent-Length: 4\r\n', 'bo'));
    engine.acceptUpgrade('WebSocket');
    expect(takeOutput(engine)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 101 /);
    expect([engine.next(), engine.next()]).toEqual([Http1Event.Data, Http1Event.NeedData]);
    engine.receive(bytesOf('dyrest'));
    expect([engine.next(), engine.next(), engine.next()]).toEqual([Http1Event.Data, Http1Event.EndOfMessage, Http1Event.Upgrade]);
    expect(engine.takeLeftover()).toEqual(bytesOf('rest'));
  });

  it('may be declined', () => {
    const engine = asked(upgrade('GET') + get);
    reply(engine, 200, [], 5);
    expect(finish(engine)).toBe(Http1Event.Head);
  });

  it('takes only what was offered', () => {
    expect(() => asked(upgrade('GET')).acceptUpgrade('h2c')).toThrow(UsageError);
    expect(() => asked(get).acceptUpgrade('websocket')).toThrow(UsageError);
    expect(() => asked(get).takeLeftover()).toThrow(UsageError);
  });

  it('becomes a tunnel after 2xx to CONNECT (RFC 9110 9.3.6)', () => {
    const engine = asked('CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\ntunnelled');
    engine.sendHead(200);
    expect(takeOutput(engine)).toBe('HTTP/1.1 200 OK\r\n\r\n');
    expect(finish(engine)).toBe(Http1Event.Upgrade);
    expect(engine.takeLeftover()).toEqual(bytesOf('tunnelled'));
  });
});

describe('replies to failed requests', () => {
  it('answers one, and then closes', () => {
    const engine = server();
    engine.receive(bytesOf(`BAD\r\n${get}`));
    expect(engine.next()).toBe(Http1Event.Failed);
    expect(engine.canReply).toBe(true);
    expect(reply(engine, engine.failure?.status ?? 0, [], 5)).toBe('HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');
    expect(engine.canReply).toBe(false);
    engine.receive(bytesOf(get));
    expect(engine.next()).toBe(Http1Event.Failed);
    expect(() => engine.sendHead(200)).toThrow(UsageError);
    expect(() => engine.acceptUpgrade('x')).toThrow(UsageError);
  });

  it('answers a body that fails, unless the reply has begun', () => {
    const post = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz';
    const unanswered = asked(post);
    expect(unanswered.next()).toBe(Http1Event.Failed);
    expect(unanswered.canReply).toBe(true);
    const begun = asked(post);
    begun.sendHead(200);
    expect(begun.next()).toBe(Http1Event.Failed);
    expect(begun.canReply).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['an empty line', '\r\n'],
    ['half a head', 'HEAD / HTTP/1.0\r\nHo'],
    ['half a body', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf'],
    ['a whole exchange and half a head', `${get}POST`],
  ])('answers a last time after %s, when it is given up (RFC 9110 15.5.9)', (_what, text) => {
    const engine = server();
    engine.receive(bytesOf(text));
    while (engine.next() !== Http1Event.NeedData) {
      if (engine.canReply && text.startsWith(get)) reply(engine, 200, [], 5);
    }
    takeOutput(engine);
    engine.giveUp();
    expect(engine.canReply).toBe(true);
    expect(reply(engine, 408, [], 5)).toBe('HTTP/1.1 408 Request Timeout\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');
    expect(engine.canReply).toBe(false);
    expect(engine.keepAlive).toBe(false);
    engine.receive(bytesOf(get));
    expect(engine.next()).toBe(Http1Event.Closed);
  });

  it('does not answer into a reply that has begun, nor after an upgrade, when it is given up', () => {
    const begun = asked(get);
    begun.sendHead(200, [], 5);
    begun.giveUp();
    expect(begun.canReply).toBe(false);
    const upgraded = asked('GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    upgraded.acceptUpgrade('x');
    expect(finish(upgraded)).toBe(Http1Event.Upgrade);
    upgraded.giveUp();
    expect(upgraded.canReply).toBe(false);
    expect(() => client().giveUp()).toThrow(UsageError);
  });

  it('allows nothing before a request', () => {
    const engine = server();
    expect(engine.canReply).toBe(false);
    expect(() => engine.sendHead(200)).toThrow(UsageError);
    expect(() => engine.sendContinue()).toThrow(UsageError);
    expect(() => engine.sendData(bytesOf('x'))).toThrow(UsageError);
    expect(() => engine.sendEnd()).toThrow(UsageError);
  });
});
