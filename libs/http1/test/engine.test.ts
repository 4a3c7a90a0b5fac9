// The engine's verbs: pipelining, pausing, persistence, upgrades, closing; what may be called when.

import { describe, expect, it } from 'vitest';
import { Http1Event, UsageError } from '../src/index.ts';
import { bytesOf, client, drive, server, takeOutput } from './wire.ts';

const get = (target: string, extra = '') => `GET ${target} HTTP/1.1\r\nHost: h\r\n${extra}\r\n`;

describe('pipelining', () => {
  it('reads three requests from one packet and replies in order', () => {
    const engine = server();
    const record = drive(engine, [bytesOf(get('/1') + get('/2') + get('/3'))], false, (e) => {
      e.sendHead(200, ['X-For', e.request.target], 0);
      e.sendEnd();
    });
    expect(record.map((r) => r.start)).toEqual(['GET /1 1', 'GET /2 1', 'GET /3 1']);
    expect(takeOutput(engine).match(/X-For: \S+/g)).toEqual(['X-For: /1', 'X-For: /2', 'X-For: /3']);
  });

  it('answers Paused, and looks at no further request before the reply has ended', () => {
    const engine = server();
    engine.receive(bytesOf(get('/1') + get('/2') + '\0'));
    expect(engine.next()).toBe(Http1Event.Head);
    expect(engine.next()).toBe(Http1Event.EndOfMessage);
    expect(engine.next()).toBe(Http1Event.Paused);
    engine.sendHead(200, [], 2);
    expect(engine.next()).toBe(Http1Event.Paused);
    engine.sendData(bytesOf('ok'));
    engine.setaside();
    expect(engine.heldBytes).toBeGreaterThan(0);
    engine.sendEnd();
    expect(engine.next()).toBe(Http1Event.Head);
    expect(engine.request.target).toBe('/2');
    expect(engine.next()).toBe(Http1Event.EndOfMessage);
    engine.sendHead(204);
    engine.sendEnd();
    expect(engine.next()).toBe(Http1Event.Failed);
    expect(engine.failure?.code).toBe('invalidMethod');
  });
});

describe('usage', () => {
  it('refuses bytes while lent ones are unread, and takes them after setaside', () => {
    const engine = server();
    engine.receive(bytesOf(get('/1') + get('/2')));
    engine.next();
    expect(() => engine.receive(bytesOf('x'))).toThrow(UsageError);
    engine.setaside();
    engine.receive(bytesOf(get('/3')));
    const seen: string[] = [engine.request.target];
    for (let event = engine.next(); event !== Http1Event.NeedData; event = engine.next()) {
      if (event === Http1Event.Head) seen.push(engine.request.target);
      if (event === Http1Event.EndOfMessage) {
        engine.sendHead(204);
        engine.sendEnd();
      }
    }
    expect(seen).toEqual(['/1', '/2', '/3']);
  });

  it('keeps the roles apart', () => {
    expect(() => server().sendRequest('GET', '/', ['Host', 'h'])).toThrow(UsageError);
    expect(() => client().sendHead(200)).toThrow(UsageError);
    expect(() => server().response).toThrow(UsageError);
    expect(() => client().request).toThrow(UsageError);
  });
});

describe('a field of a head that failed', () => {
  const origin = 'Origin: https://a \r\n';
  it.each([
    ['before the failure', `GET / HTTP/1.1\r\n${origin}Bad name: x\r\n\r\n`],
    ['behind it', `GET / HTTP/1.1\r\nBad name: x\r\n${origin}\r\n`],
    ['behind a target that is too long', `GET /${'a'.repeat(9000)} HTTP/1.1\r\n${origin}\r\n`],
    ['of a request whose body is refused', `POST / HTTP/1.1\r\nHost: h\r\n${origin}Content-Length: 99999999\r\n\r\n`],
  ])('%s is known as far as it has come', (_where, text) => {
    const engine = server();
    const lent = bytesOf(text);
    engine.receive(lent);
    expect(engine.next()).toBe(Http1Event.Failed);
    lent.fill(0);
    expect(engine.partialField('origin')).toBe('https://a');
    expect(engine.partialField('x-other')).toBeNull();
  });

  it('and of one that is not complete', () => {
    const engine = server();
    engine.receive(bytesOf(`GET / HTTP/1.1\r\n${origin}X: `));
    expect(engine.next()).toBe(Http1Event.NeedData);
    expect(engine.partialField('origin')).toBe('https://a');
  });
});
