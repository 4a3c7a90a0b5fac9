// Valid streams, mutated at random by seed: never an exception, never a hang, always the same events for other pieces, and in the
// end an event or a named failure.

import { describe, expect, it } from 'vitest';
import { failures } from '../src/index.ts';
import { asking, bytesOf, drive, random, type Recorded, server } from './wire.ts';

const requests = [
  'PING\r\nSequence: 1\r\n\r\nECHO  a  b\r\nSequence: 2\r\nX-Y: z\r\n\r\n',
  'PUBLISH news.eu\r\nSequence: abc\r\nSize: 11\r\n\r\nhello world',
  'HISTORY t\r\nsequence:9\r\nOffset: 42\r\nEpoch: h1f\r\n\r\nQUIT\r\nSequence: 10\r\n\r\n',
  'ECHO žluť 日本\r\nSequence: 1\r\nSize: 4\r\n\r\n\r\n\r\n',
];
const answers = [
  'OK\r\nOK\r\nSequence: 1\r\nSize: 5\r\n\r\nhelloERR: no\r\nSequence: 2\r\nSize: 0\r\n\r\n',
  'OK\r\nMSG news.eu\r\nOffset: 42\r\nEpoch: h1f\r\nSize: 5\r\n\r\nhello',
  'ERR: Certificate expired\r\n',
  'OK\r\nERR: Draining.\r\nSize: 0\r\n\r\n',
  'OK\r\nGAP news.*\r\nReason: dropped\r\nSize: 0\r\n\r\nBYE: Draining.\r\nRetry-After-Ms: 5\r\nSize: 0\r\n\r\n',
];
const nasty = [0, 9, 10, 13, 32, 45, 48, 57, 58, 127, 128, 0xc3, 255];
const rounds = 15_000;

function mutate(text: string, next: () => number): Uint8Array {
  let bytes = Array.from(bytesOf(text));
  const pick = (n: number) => Math.floor(next() * n);
  for (let count = 1 + pick(3); count > 0; count--) {
    const at = pick(bytes.length);
    switch (pick(6)) {
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
      default:
        bytes = bytes.slice(0, at + 1);
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

function check(bytes: Uint8Array, run: (pieces: Uint8Array[]) => Recorded[], next: () => number, seen: Set<string>): void {
  const whole = run([bytes]);
  const cut = run(cutAt(bytes, next));
  // Comparing text first: `toEqual` costs more than the engine.
  if (JSON.stringify(cut) !== JSON.stringify(whole)) expect(cut).toEqual(whole);
  const last = whole.at(-1);
  if (last?.event === 'failed' ? !Object.hasOwn(failures, last.code) : last?.event !== 'closed') expect(last).toBe('an end');
  seen.add(last?.event === 'failed' ? last.code : 'closed');
}

function sweep(texts: readonly string[], run: (pieces: Uint8Array[]) => Recorded[]): Set<string> {
  const seen = new Set<string>();
  for (let seed = 0; seed < rounds; seed++) {
    const next = random(seed);
    const bytes = mutate(texts[seed % texts.length] ?? '', next);
    try {
      check(bytes, run, next, seen);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
  return seen;
}

describe('Mutations', () => {
  it(`of requests, ${rounds} seeds`, () => {
    const limits = { maxMessageBytes: 120 };
    const seen = sweep(requests, (pieces) => drive(server(limits), pieces, true));
    expect([...seen].toSorted()).toEqual([
      'bareCr', 'bareLf', 'closed', 'controlByte', 'invalidHeader', 'invalidOffset', 'invalidSequence', 'invalidSize', 'invalidUtf8',
      'messageTooLarge', 'missingCommand', 'missingSequence', 'repeatedHeader', 'truncated',
    ]);
  });

  it(`of answers, ${rounds} seeds`, () => {
    const seen = sweep(answers, (pieces) => drive(asking(2), pieces, true));
    expect(seen.size).toBeGreaterThan(14);
  });
});
