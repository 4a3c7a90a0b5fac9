// Sections in whatever pieces they come: the limit on a whole head, buffers, and the linearity of scanning.

import { describe, expect, it } from 'vitest';
import { RequestHead } from '../src/head.ts';
import { defaultLimits } from '../src/limits.ts';
import { Scanner } from '../src/scan.ts';
import { bytesOf, drive, failureOf, random, serve, server } from './wire.ts';

describe('maxHeadBytes', () => {
  it('counts everything from the method to the empty line', () => {
    const head = 'GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n';
    expect(failureOf(head, { maxHeadBytes: head.length })).toBeNull();
    for (let less = 1; less < head.length; less++) {
      expect(failureOf(head, { maxHeadBytes: head.length - less })).toBe('headTooLarge');
    }
  });

  it('answers 431', () => {
    const fields = `A: ${'b'.repeat(8000)}\r\n`.repeat(9);
    expect(serve(`GET / HTTP/1.1\r\nHost: h\r\n${fields}\r\n`)[0]).toEqual({ event: 'failed', code: 'headTooLarge', status: 431 });
  });
});

/** A view that counts how often its bytes are looked at. */
function counting(bytes: Uint8Array): { view: Uint8Array; visits: () => number } {
  let visits = 0;
  const view = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) visits++;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { view, visits: () => visits };
}

function visitsFor(text: string, pieceBytes: number): number {
  const head = new RequestHead();
  const scanner = new Scanner(defaultLimits, head);
  scanner.beginHead(head);
  const bytes = bytesOf(text);
  let total = 0;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.slice(at, at + pieceBytes);
    const { view, visits } = counting(piece);
    expect(scanner.read(view, 0, piece.length)).toBe(piece.length);
    total += visits();
  }
  expect(scanner.failure).toBeNull();
  expect(scanner.isDone).toBe(true);
  return total;
}

describe('linearity', () => {
  const texts = {
    long: (n: number) => `GET /${'p'.repeat(n / 4)}?${'q'.repeat(n / 4)} HTTP/1.1\r\nA: ${'v'.repeat(n / 2)}\r\n\r\n`,
    blanks: (n: number) => `GET / HTTP/1.1\r\nA:${' '.repeat(n)}\r\n\r\n`,
    names: (n: number) => `GET / HTTP/1.1\r\n${'n'.repeat(n)}: v\r\n\r\n`,
    lines: (n: number) => `GET / HTTP/1.1\r\n${`x: ${'y'.repeat(n / 50 - 5)}\r\n`.repeat(50)}\r\n`,
  };

  it.each(Object.entries(texts))('looks at each byte at most four times, whatever the pieces (%s)', (_name, make) => {
    for (const n of [400, 4000, 8000]) {
      const text = make(n);
      for (const pieceBytes of [1, 2, 7, 100, text.length]) {
        expect(visitsFor(text, pieceBytes) / text.length).toBeLessThanOrEqual(4);
      }
    }
  });

  it('visits as many bytes for twice the input as twice', () => {
    for (const pieceBytes of [1, 64, 10_000]) {
      const ratio = visitsFor(texts.long(8000), pieceBytes) / visitsFor(texts.long(4000), pieceBytes);
      expect(ratio).toBeLessThan(2.05);
    }
  });
});

describe('any chunking', () => {
  it('gives the same events for random cuts of a long conversation', () => {
    const text =
      `\r\nGET /a?b HTTP/1.1\r\nHost: h\r\nX: ${'y'.repeat(300)}\r\n\r\n` +
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789' +
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a="\\"x"\r\nhello\r\n3\r\nabc\r\n0\r\nT: 1\r\nU: 2\r\n\r\n' +
      'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nBAD\r\n';
    const bytes = bytesOf(text);
    const whole = serve(text);
    expect(whole.map((r) => r.event)).toEqual(['message', 'message', 'message', 'message', 'failed']);
    const next = random(9112);
    for (let round = 0; round < 300; round++) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + Math.floor(next() ** 3 * 200);
        pieces.push(bytes.slice(at, at + size));
        at += size;
      }
      expect(drive(server(), pieces)).toEqual(whole);
    }
  });
});
