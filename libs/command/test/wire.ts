// What the tests of this lib share: text in, a record of events out.

import { Pool } from '@sluice/brigade';
import { expect } from 'vitest';
import { CommandEngine, CommandEvent, type CommandLimits } from '../src/index.ts';

export const pool = new Pool('test');

/** In UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/**
 * Memory as a transport lends it, which is overwritten as soon as the engine has no right to it. Both kinds are tried: `slice()` of a Node
 * Buffer is a view of the same memory, of a Uint8Array a copy.
 */
export type Lend = (bytes: Uint8Array) => Uint8Array;

export const lendBuffer: Lend = (bytes) => Buffer.from(bytes);
export const lendings: readonly Lend[] = [(bytes) => Uint8Array.from(bytes), lendBuffer];

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** A server that has greeted, with the greeting taken out of its output. */
export function server(limits?: Partial<CommandLimits>): CommandEngine {
  const engine = new CommandEngine({ role: 'server', pool, ...(limits && { limits }) });
  engine.sendGreeting();
  takeOutput(engine);
  return engine;
}

export function client(limits?: Partial<CommandLimits>): CommandEngine {
  return new CommandEngine({ role: 'client', pool, ...(limits && { limits }) });
}

/** A client whose requests, so many, have left; their sequences are 1, 2, … */
export function asking(requests = 1, limits?: Partial<CommandLimits>): CommandEngine {
  const engine = client(limits);
  for (let i = 0; i < requests; i++) engine.sendRequest('PING');
  takeOutput(engine);
  return engine;
}

/** Everything in the output, taken out of it. */
export function takeOutput(engine: CommandEngine): string {
  const text = textOf(engine.output.flatten());
  engine.output.consume(engine.output.length);
  return text;
}

/** The body of the current message. */
export function bodyOf(engine: CommandEngine): string {
  return textOf(engine.data.subarray(engine.dataStart, engine.dataEnd));
}

/** An event as plain values. */
export type Recorded =
  | { event: 'request'; sequence: string; line: string[]; headers: [string, string][]; body: string }
  | { event: 'reply'; sequence: string; ok: boolean; text: string; body: string }
  | { event: 'publication'; topic: string; offset: number; epoch: string; body: string }
  | { event: 'greeting' | 'paused' | 'closed' }
  | { event: 'gap'; topic: string }
  | { event: 'refused' | 'goodbye'; text: string }
  | { event: 'failed'; code: string };

/** What to do with a request; by default an empty reply at once. */
export type OnRequest = (engine: CommandEngine) => void;

export const replyNothing: OnRequest = (engine) => engine.sendReply(engine.request.sequence);

/**
 * Feeds `pieces` one after the other and records what comes of them, to the first final event. Each piece is handed over in a buffer that is
 * overwritten afterwards, so that whatever the engine keeps without right shows.
 */
export function drive(engine: CommandEngine, pieces: readonly Uint8Array[], ends = false, onRequest: OnRequest = replyNothing, lend = lendBuffer): Recorded[] {
  const record: Recorded[] = [];
  let isOver = false;
  const run = () => {
    for (let steps = 0; !isOver; steps++) {
      if (steps > 100_000) throw new Error('the engine does not come to an end');
      const event = engine.next();
      if (event === CommandEvent.NeedData) return;
      record.push(recordOf(engine, event));
      if (event === CommandEvent.Request) onRequest(engine);
      if (event === CommandEvent.Closed || event === CommandEvent.Failed) isOver = true;
      if (event === CommandEvent.Paused) {
        engine.setaside();
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
  return record;
}

function recordOf(engine: CommandEngine, event: number): Recorded {
  switch (event) {
    case CommandEvent.Request: {
      const { sequence, command, args } = engine.request;
      return { event: 'request', sequence, line: [command, ...args], headers: [...engine.request.headers()], body: bodyOf(engine) };
    }
    case CommandEvent.Reply: {
      const { sequence, ok, text } = engine.reply;
      return { event: 'reply', sequence, ok, text, body: bodyOf(engine) };
    }
    case CommandEvent.Publication: {
      const { topic, offset, epoch } = engine.publication;
      return { event: 'publication', topic, offset, epoch, body: bodyOf(engine) };
    }
    case CommandEvent.Greeting:
      return { event: 'greeting' };
    case CommandEvent.Paused:
      return { event: 'paused' };
    case CommandEvent.Gap:
      return { event: 'gap', topic: engine.gap.topic };
    case CommandEvent.Goodbye:
      return { event: 'goodbye', text: engine.goodbye.text };
    case CommandEvent.Refused:
      return { event: 'refused', text: engine.refusal ?? '' };
    case CommandEvent.Closed:
      return { event: 'closed' };
    default:
      return { event: 'failed', code: engine.failure?.code ?? '' };
  }
}

/** The bytes one at a time. */
export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** What engines made by `make` make of the text, whole and one byte at a time, which has to be the same. */
export function readBy(make: () => CommandEngine, text: string | Uint8Array, ends = false): Recorded[] {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const whole = drive(make(), [bytes], ends);
  expect(drive(make(), singly(bytes), ends)).toEqual(whole);
  return whole;
}

/** What a server makes of the text. */
export function serve(text: string | Uint8Array, limits: Partial<CommandLimits> = {}, ends = false): Recorded[] {
  return readBy(() => server(limits), text, ends);
}

/** What a client with so many requests in flight makes of the text behind the greeting. */
export function fetch(text: string, requests = 1, ends = false, limits: Partial<CommandLimits> = {}): Recorded[] {
  const record = readBy(() => asking(requests, limits), `OK\r\n${text}`, ends);
  expect(record[0]).toEqual({ event: 'greeting' });
  return record.slice(1);
}

/** The code of the failure that the record ends in, or `null`. */
export function codeOf(record: readonly Recorded[]): string | null {
  const last = record.at(-1);
  return last?.event === 'failed' ? last.code : null;
}

/** The events by name. */
export function namesOf(record: readonly Recorded[]): string[] {
  return record.map(({ event }) => event);
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
