// What a client sends and expects: requests, pipelining, interim responses, upgrades, ends.

import { describe, expect, it } from 'vitest';
import { Http1Event, UsageError } from '../src/index.ts';
import { bytesOf, client, drive, fetch, takeOutput } from './wire.ts';

const host = ['Host', 'h'];

describe('RFC 9112 3: requests', () => {
  it.each<[string, string[], number, string]>([
    ['GET', [], 0, ''],
    ['DELETE', ['A', 'b'], 0, 'A: b\r\n'],
    ['POST', [], 0, 'Content-Length: 0\r\n'],
    ['POST', [], 5, 'Content-Length: 5\r\n'],
    ['PUT', [], -1, 'Transfer-Encoding: chunked\r\n'],
    ['GET', ['Upgrade', 'websocket'], 0, 'Upgrade: websocket\r\nConnection: upgrade\r\n'],
    ['GET', ['TE', 'trailers'], 0, 'TE: trailers\r\nConnection: TE\r\n'],
    ['GET', ['Connection', 'close'], 0, 'Connection: close\r\n'],
  ])('%s %j, length %i', (method, fields, length, expected) => {
    const engine = client();
    engine.sendRequest(method, '/a?b', [...host, ...fields], length);
    expect(takeOutput(engine)).toBe(`${method} /a?b HTTP/1.1\r\nHost: h\r\n${expected}\r\n`);
  });

  it.each<[string, string, string[], number]>([
    ['GET', '/', [], 0],
    ['GET', '/', [...host, ...host], 0],
    ['G T', '/', host, 0],
    ['', '/', host, 0],
    ['GET', '', host, 0],
    ['GET', '/a b', host, 0],
    ['GET', '/a\r\nX: y', host, 0],
    ['GET', '/\xe9', host, 0],
    ['GET', '/#a', host, 0],
    ['GET', '/', [...host, 'A', 'b\nc'], 0],
    ['GET', '/', [...host, 'Transfer-Encoding', 'gzip'], 0],
    ['GET', '/', host, -2],
    ['GET', '/', host, 1.5],
  ])('refuses %j %j %j %d, with nothing written', (method, target, fields, length) => {
    const engine = client();
    expect(() => engine.sendRequest(method, target, fields, length)).toThrow(UsageError);
    expect(engine.output.isEmpty).toBe(true);
    expect(engine.isIdle).toBe(true);
  });

  it('sends one at a time, and none after the last', () => {
    const engine = client();
    engine.sendRequest('POST', '/', host, 2);
    expect(() => engine.sendRequest('GET', '/', host)).toThrow(UsageError);
    engine.sendData(bytesOf('ok'));
    engine.sendEnd();
    expect(() => engine.sendData(bytesOf('x'))).toThrow(UsageError);
    engine.sendRequest('GET', '/', [...host, 'Connection', 'close']);
    engine.sendEnd();
    expect(() => engine.sendRequest('GET', '/', host)).toThrow(UsageError);
    const closing = client();
    closing.close();
    expect(() => closing.sendRequest('GET', '/', host)).toThrow(UsageError);
    expect(closing.next()).toBe(Http1Event.Closed);
  });
});

describe('responses', () => {
  it('come in the order of the requests, each framed by its own', () => {
    const engine = client();
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) {
      engine.sendRequest(method, '/', host);
      engine.sendEnd();
    }
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
    const record = drive(engine, [bytesOf(`${text}${text}ab${text}${text}cd`)]);
    expect(record.map((r) => r.body)).toEqual(['', 'ab', '', 'cd']);
    expect(engine.isIdle).toBe(true);
  });

  it('may be preceded by interim ones', () => {
    const record = fetch('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
    expect(record.map((r) => [r.event, r.start])).toEqual([
      ['interim', '100 Continue 1'],
      ['interim', '103 Early Hints 1'],
      ['message', '200 OK 1'],
    ]);
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore', 'unsolicitedResponse'],
    ['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'unexpectedUpgrade'],
  ])('%j is %s', (text, code) => {
    expect(fetch(text).at(-1)?.code).toBe(code);
  });

  it.each([
    ['', 'missingResponse'],
    ['HTTP/1.1 100 Continue\r\n\r\n', 'missingResponse'],
    ['HTTP/1.1 200', 'truncatedHead'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx', 'truncatedBody'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'truncatedBody'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n', 'truncatedBody'],
  ])('FIN after %j is %s', (text, code) => {
    expect(fetch(text, 'GET', [], true).at(-1)?.code).toBe(code);
  });

  it('bounds a body that lasts until the connection closes', () => {
    expect(fetch('HTTP/1.1 200 OK\r\n\r\n12345', 'GET', [], true, { maxBodyBytes: 5 })[0]?.event).toBe('message');
    expect(fetch('HTTP/1.1 200 OK\r\n\r\n123456', 'GET', [], true, { maxBodyBytes: 5 }).at(-1)?.code).toBe('bodyTooLarge');
    expect(fetch('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n', 'GET', [], true, { maxBodyBytes: 5 }).at(-1)?.code).toBe('bodyTooLarge');
  });

  it('closes after a response that does, and drops what follows', () => {
    const record = fetch('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nxyz');
    expect(record.map((r) => r.event)).toEqual(['message', 'closed']);
  });

  it('closes when the server ends while nothing is asked', () => {
    const engine = client();
    engine.receiveEnd();
    expect(engine.next()).toBe(Http1Event.Closed);
  });
});

describe('upgrades', () => {
  it('hand over with what came after 101', () => {
    const record = fetch('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nrest', 'GET', ['Upgrade', 'x']);
    expect(record.at(-1)?.event).toBe('upgrade');
    expect(record.at(-1)?.leftover?.startsWith('r')).toBe(true);
  });

  it('become a tunnel after 2xx to CONNECT, whatever its fields', () => {
    const record = fetch('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'CONNECT');
    expect(record.map((r) => r.event)).toEqual(['upgrade']);
  });
});
