// Valid requests and responses, mutated at random by seed: never an exception, never a hang, always the same events for
// other pieces, and in the end an event or a named failure.

import { describe, expect, it } from 'vitest';
import { failures } from '../src/index.ts';
import { bytesOf, client, drive, lendings, random, type Recorded, server, takeOutput } from './wire.ts';

const requests = [
  'GET /a/b?c=d HTTP/1.1\r\nHost: example.org:80\r\nAccept: */*\r\nUser-Agent: x y\r\n\r\n',
  'POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world',
  'POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b\\"c"\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n',
  'GET http://h/x HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x85',
  '\r\nOPTIONS * HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n',
];
const responses = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n',
  'HTTP/1.0 404 Not Found\r\nServer: x\r\n\r\nuntil the end',
  'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
];
const nasty = [0, 9, 10, 13, 32, 34, 44, 48, 57, 58, 59, 61, 92, 127, 128, 255];
const rounds = 20_000;

function mutate(text: string, next: () => number): Uint8Array {
  let bytes = Array.from(bytesOf(text));
  const pick = (n: number) => Math.floor(next() * n);
  for (let count = 1 + pick(3); count > 0; count--) {
    const at = pick(bytes.length);
    switch (pick(7)) {
      case 0:
        bytes[at] = pick(256);
        break;
      case 1:
        bytes[at] = nasty[pick(nasty.length)] ?? 0;
        break;
      case 2:
        bytes.splice(at, 1 + pick(4));
        break;
      case 3:
        bytes.splice(at, 0, nasty[pick(nasty.length)] ?? 0);
        break;
      case 4: {
        const from = pick(bytes.length);
        bytes.splice(at, 0, ...bytes.slice(from, from + pick(30)));
        break;
      }
      case 5:
        bytes = bytes.slice(0, at + 1);
        break;
      default:
        bytes[at] = (bytes[at] ?? 0) ^ 0x20;
    }
    if (bytes.length === 0) bytes = [10];
  }
  return Uint8Array.from(bytes);
}

function cutAt(bytes: Uint8Array, next: () => number): Uint8Array[] {
  const a = Math.floor(next() * (bytes.length + 1));
  const b = a + Math.floor(next() * (bytes.length + 1 - a));
  return [bytes.slice(0, a), bytes.slice(a, b), bytes.slice(b)];
}

function check(bytes: Uint8Array, run: (pieces: Uint8Array[]) => Recorded[], next: () => number, seen: Map<string, number>): void {
  const whole = run([bytes]);
  const cut = run(cutAt(bytes, next));
  // Comparing text first: `toEqual` costs more than the engine.
  if (JSON.stringify(cut) !== JSON.stringify(whole)) expect(cut).toEqual(whole);
  const last = whole.at(-1);
  const isNamed = last?.event === 'failed' && Object.hasOwn(failures, last.code ?? '');
  if (!isNamed && !['message', 'closed', 'upgrade'].includes(last?.event ?? '')) expect(last).toBe('an end');
  seen.set(last?.code ?? last?.event ?? '', (seen.get(last?.code ?? last?.event ?? '') ?? 0) + 1);
}

function withSeed(seed: number, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
  }
}

describe('mutations', () => {
  it(`of requests, ${rounds} seeds`, () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < rounds; seed++) {
      const next = random(seed);
      const text = (requests[seed % requests.length] ?? '') + (next() < 0.3 ? (requests[0] ?? '') : '');
      const bytes = mutate(text, next);
      withSeed(seed, () => check(bytes, (pieces) => drive(server(), pieces, true, quickReply, lendings[seed % 2]), next, seen));
    }
    expect(seen.size).toBeGreaterThan(20);
    expect(seen.get('closed')).toBeGreaterThan(rounds / 20);
  });

  it(`of responses, ${rounds / 4} seeds`, () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < rounds / 4; seed++) {
      const next = random(seed);
      const bytes = mutate(responses[seed % responses.length] ?? '', next);
      const run = (pieces: Uint8Array[]) => {
        const engine = client();
        engine.sendRequest('GET', '/', ['Host', 'h']);
        engine.sendEnd();
        takeOutput(engine);
        return drive(engine, pieces, true);
      };
      withSeed(seed, () => check(bytes, run, next, seen));
    }
    expect(seen.size).toBeGreaterThan(15);
  });
});

function quickReply(engine: ReturnType<typeof server>): void {
  if (engine.canReply) {
    engine.sendHead(204);
    engine.sendEnd();
  }
  engine.output.consume(engine.output.length);
}
