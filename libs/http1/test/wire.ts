// What the tests of this lib share: text in, a record of events out.

import { Pool } from '@sluice/brigade';
import { expect } from 'vitest';
import { Http1Engine, Http1Event, type Http1Limits, type Http1Options } from '../src/index.ts';

export const pool = new Pool('test');

/** One byte per character. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/**
 * Memory as a transport lends it, which is overwritten as soon as the engine has no right to it. Both kinds are tried: `slice()` of a Node
 * Buffer is a view of the same memory, of a Uint8Array a copy.
 */
export type Lend = (bytes: Uint8Array) => Uint8Array;

export const lendBuffer: Lend = (bytes) => Buffer.from(bytes);
export const lendings: readonly Lend[] = [(bytes) => Uint8Array.from(bytes), lendBuffer];

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

export function server(options: Partial<Http1Options> = {}): Http1Engine {
  return new Http1Engine({ role: 'server', pool, ...options });
}

export function client(options: Partial<Http1Options> = {}): Http1Engine {
  return new Http1Engine({ role: 'client', pool, ...options });
}

/** Everything in the output, taken out of it. */
export function takeOutput(engine: Http1Engine): string {
  const text = textOf(engine.output.flatten());
  engine.output.consume(engine.output.length);
  return text;
}

/** A message or an end, as plain values. */
export interface Recorded {
  event: 'message' | 'interim' | 'upgrade' | 'closed' | 'failed' | 'unfinished';
  start?: string;
  fields?: [string, string][];
  body?: string;
  trailers?: [string, string][] | null;
  code?: string;
  status?: number;
  leftover?: string;
}

/** What to do when a request has been read; by default a short reply. */
export type OnMessage = (engine: Http1Engine) => void;

export const replyNothing: OnMessage = (engine) => {
  if (engine.role === 'client') return;
  engine.sendHead(200, [], 0);
  engine.sendEnd();
};

/**
 * Feeds `pieces` one after the other and records what comes of them. Each piece is handed over in a buffer that is
 * overwritten afterwards, so that whatever the engine keeps without right shows.
 */
export function drive(engine: Http1Engine, pieces: readonly Uint8Array[], ends = false, onMessage: OnMessage = replyNothing, lend = lendBuffer): Recorded[] {
  const record: Recorded[] = [];
  let open: Recorded | null = null;
  let over = false;
  const run = () => {
    for (let steps = 0; ; steps++) {
      if (steps > 1_000_000) throw new Error('the engine does not come to an end');
      const event = engine.next();
      switch (event) {
        case Http1Event.NeedData:
          return;
        case Http1Event.Head:
          open = { event: 'unfinished', start: startLine(engine), fields: [...engine.head], body: '' };
          record.push(open);
          break;
        case Http1Event.Data:
          if (open !== null) open.body += textOf(engine.data.subarray(engine.dataStart, engine.dataEnd));
          break;
        case Http1Event.EndOfMessage:
          if (open !== null) {
            open.event = 'message';
            open.trailers = engine.trailers === null ? null : [...engine.trailers];
          }
          onMessage(engine);
          break;
        case Http1Event.Interim:
          record.push({ event: 'interim', start: startLine(engine), fields: [...engine.head] });
          break;
        case Http1Event.Paused:
          engine.setaside();
          return;
        case Http1Event.Upgrade:
          if (!over) record.push({ event: 'upgrade' });
          over = true;
          engine.setaside();
          return;
        case Http1Event.Closed:
          if (!over) record.push({ event: 'closed' });
          over = true;
          return;
        default:
          if (!over) record.push({ event: 'failed', code: engine.failure?.code ?? '', status: engine.failure?.status ?? 0 });
          over = true;
          return;
      }
    }
  };
  for (const piece of pieces) {
    const lent = lend(piece);
    engine.receive(lent, 0, lent.length);
    run();
    lent.fill(0x58);
  }
  if (ends) {
    engine.receiveEnd();
    run();
  }
  const last = record.at(-1);
  if (last?.event === 'upgrade') last.leftover = textOf(engine.takeLeftover());
  return record;
}

function startLine(engine: Http1Engine): string {
  if (engine.role === 'server') return `${engine.request.method} ${engine.request.target} ${engine.request.minorVersion}`;
  return `${engine.response.status} ${engine.response.reason} ${engine.response.minorVersion}`;
}

/** What a server makes of the text, whole and one byte at a time, which has to be the same. */
export function serve(text: string, limits: Partial<Http1Limits> = {}, ends = false): Recorded[] {
  const bytes = bytesOf(text);
  const whole = drive(server({ limits }), [bytes], ends);
  expect(drive(server({ limits }), singly(bytes), ends)).toEqual(whole);
  return whole;
}

/** The code of the failure that the text ends in, or `null`. */
export function failureOf(text: string, limits: Partial<Http1Limits> = {}, ends = false): string | null {
  return serve(text, limits, ends).at(-1)?.code ?? null;
}

/** What a client makes of the text as the answer to one request, whole and one byte at a time. */
export function fetch(text: string, method = 'GET', extra: string[] = [], ends = false, limits: Partial<Http1Limits> = {}): Recorded[] {
  const bytes = bytesOf(text);
  const [whole, single] = [[bytes], singly(bytes)].map((pieces) => {
    const engine = client({ limits });
    engine.sendRequest(method, method === 'CONNECT' ? 'h:1' : '/', ['Host', 'h', ...extra]);
    if (method !== 'CONNECT') engine.sendEnd();
    takeOutput(engine);
    return drive(engine, pieces, ends);
  });
  expect(single).toEqual(whole);
  return whole ?? [];
}

/** The bytes one at a time. */
export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** A seeded generator of numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
