// Every message passes through both roles: what one engine writes the other reads, and it is the same message.

import { Pool, shareBytes } from '@sluice/brigade';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Http1Event } from '../src/index.ts';
import { bytesOf, client, drive, random, server, takeOutput } from './wire.ts';

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
const reserved = /^(?:host|connection|content-length|transfer-encoding|upgrade|te|expect|trailer)$/i;
const name = token.filter((text) => !reserved.test(text));
const trailerName = fc.constantFrom('X-Sum', 'Server-Timing', 'digest');
const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]{0,30}[\x21-\x7e\x80-\xff])?$/);
const fields = fc.array(fc.tuple(name, value), { maxLength: 12 });
const trailers = fc.array(fc.tuple(trailerName, value), { maxLength: 3 });
const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
const target = fc.stringMatching(/^\/[A-Za-z0-9/_.~-]{0,30}(\?[A-Za-z0-9={}|]{0,20})?$/);

function cut(bytes: Uint8Array, seed: number): Uint8Array[] {
  const next = random(seed);
  const cuts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(next() ** 4 * bytes.length);
    cuts.push(bytes.slice(at, at + size));
    at += size;
  }
  return cuts;
}

const lower = (list: [string, string][]): [string, string][] => list.map(([n, v]) => [n.toLowerCase(), v]);
const latin1 = (body: Uint8Array[]) => body.map((piece) => Buffer.from(piece).toString('latin1')).join('');
const sizeOf = (body: Uint8Array[]) => body.reduce((sum, piece) => sum + piece.length, 0);

describe('round trip', () => {
  it('requests', () => {
    fc.assert(
      fc.property(token, target, fields, pieces, trailers, fc.boolean(), fc.integer(), (method, path, list, body, tail, isChunked, seed) => {
        fc.pre(method !== 'CONNECT' && !/^content-/i.test(method));
        const sender = client();
        sender.sendRequest(method, path, ['Host', 'h', ...list.flat()], isChunked ? -1 : sizeOf(body));
        for (const piece of body) sender.sendData(piece);
        sender.sendEnd(tail.flat());
        const [message, ...more] = drive(server(), cut(bytesOf(takeOutput(sender)), seed));
        expect(more).toEqual([]);
        expect(message).toMatchObject({ event: 'message', start: `${method} ${path} 1`, body: latin1(body) });
        expect(message?.fields?.filter(([n]) => !/^(?:host|content-length|transfer-encoding)$/.test(n))).toEqual(lower(list));
        expect(message?.trailers).toEqual(isChunked && tail.length > 0 ? lower(tail) : null);
      }),
      { numRuns: 300 },
    );
  });

  it('replies', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.constantFrom('GET', 'HEAD', 'POST'), fields, pieces, trailers, fc.boolean(), fc.integer(),
        (status, method, list, body, tail, isChunked, seed) => {
          fc.pre(status !== 205 && !(status === 204 && !isChunked));
          const asker = client();
          const replier = server();
          asker.sendRequest(method, '/', ['Host', 'h']);
          asker.sendEnd();
          replier.receive(bytesOf(takeOutput(asker)));
          expect(replier.next()).toBe(Http1Event.Head);
          replier.sendHead(status, list.flat(), isChunked ? -1 : sizeOf(body));
          for (const piece of body) replier.sendData(piece);
          replier.sendEnd(tail.flat());
          const [message, ...more] = drive(asker, cut(bytesOf(takeOutput(replier)), seed));
          const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
          expect(more).toEqual([]);
          expect(message).toMatchObject({ event: 'message', body: hasBody ? latin1(body) : '' });
          expect(message?.start?.startsWith(`${status} `)).toBe(true);
          expect(message?.fields?.filter(([n]) => !/^(?:content-length|transfer-encoding)$/.test(n))).toEqual(lower(list));
          expect(message?.trailers).toEqual(hasBody && isChunked && tail.length > 0 ? lower(tail) : null);
          expect(asker.isIdle).toBe(true);
          replier.next();
          expect(replier.next()).toBe(Http1Event.NeedData);
          expect(replier.isIdle).toBe(true);
        }),
      { numRuns: 300 },
    );
  });

  it('leaves nothing outstanding once the output has left', () => {
    const own = new Pool('own');
    const replier = server({ pool: own });
    replier.receive(bytesOf('GET / HTTP/1.1\r\nHost: h\r\n\r\n'));
    replier.next();
    replier.sendHead(200);
    for (const size of [10, 5000, 100_000]) replier.sendData(new Uint8Array(size));
    replier.sendBucket(shareBytes(own, bytesOf('shared')));
    replier.sendEnd();
    expect(own.outstanding().bytes).toBeGreaterThan(105_010);
    replier.output.consume(replier.output.length);
    expect(own.outstanding()).toEqual({ bytes: 0, handles: 0 });
    own.destroy();
  });
});
