// Runs an engine over bytes cut in any way and writes down what it answers. The lent memory is one buffer that is overwritten as soon as
// the engine no longer has a right to it, so whoever reads late reads rubbish.

import { Pool } from '@sluice/brigade';
import { WebSocketEngine, type WebSocketEngineOptions } from '../../src/engine.ts';
import { WebSocketEvent } from '../../src/opcodes.ts';
import { parseFrames, type ParsedFrame } from './frames.ts';

const names = Object.keys(WebSocketEvent) as (keyof typeof WebSocketEvent)[];

/** One event in words: `Message 1 hello`, `Close 1000 bye`, `Failed 1002 reservedBits`. Payloads that are no text in hex. */
export function describeEvent(engine: WebSocketEngine, event: number): string {
  const name = names.find((candidate) => WebSocketEvent[candidate] === event) ?? `?${event}`;
  if (name === 'Message') return `Message ${engine.opcode} ${show(engine)}`;
  if (name === 'Ping' || name === 'Pong') return `${name} ${show(engine)}`;
  if (name === 'Close') return `Close ${engine.closeCode} ${engine.closeReason}`.trim();
  if (name === 'Closed') return `Closed ${engine.closeCode}`;
  if (name === 'Failed') return `Failed ${engine.failure?.closeCode} ${engine.failure?.code}`;
  return name;
}

function show(engine: WebSocketEngine): string {
  const data = Buffer.from(engine.data.slice(engine.dataStart, engine.dataEnd));
  const text = data.toString('utf8');
  return Buffer.from(text).equals(data) ? text : data.toString('hex');
}

export interface RunOptions {
  /** How long each piece is; the rest comes in one. */
  readonly pieces?: readonly number[];
  /** Every so many events the driver stops, sets aside, lends the next piece if there is one, and goes on. 0: never. */
  readonly stopEvery?: number;
  /** The lent memory is a Node Buffer, as transports have it: its `slice()` is a view. Default true. */
  readonly lendsBuffer?: boolean;
  /** The peer's FIN comes after the bytes. */
  readonly end?: boolean;
  /** Called at each event. */
  readonly onEvent?: (engine: WebSocketEngine, event: number) => void;
}

export function server(options: Partial<WebSocketEngineOptions> = {}): WebSocketEngine {
  return new WebSocketEngine({ role: 'server', pool: new Pool('test'), ...options });
}

export function client(options: Partial<WebSocketEngineOptions> = {}): WebSocketEngine {
  let key = 0x12345678;
  const maskKey = (): number => (key = (Math.imul(key, 1_664_525) + 1_013_904_223) | 0);
  return new WebSocketEngine({ role: 'client', pool: new Pool('test'), maskKey, ...options });
}

export function run(engine: WebSocketEngine, stream: Uint8Array, options: RunOptions = {}): string[] {
  const { pieces = [], stopEvery = 0, lendsBuffer = true, end = false, onEvent } = options;
  const events: string[] = [];
  const lent = lendsBuffer ? Buffer.alloc(stream.length + 16) : new Uint8Array(stream.length + 16);
  let cut = 0;
  let at = 0;
  let sinceStop = 0;
  let over = false;

  const lendNext = (): boolean => {
    if (at === stream.length) return false;
    const length = Math.min(Math.max(pieces[cut++] ?? stream.length, 1), stream.length - at);
    const offset = at % 13;
    lent.set(stream.subarray(at, at + length), offset);
    at += length;
    engine.receive(lent, offset, offset + length);
    return true;
  };

  lendNext();
  while (!over) {
    const event = engine.next();
    if (event !== WebSocketEvent.NeedData) {
      events.push(describeEvent(engine, event));
      onEvent?.(engine, event);
      over = event === WebSocketEvent.Closed || event === WebSocketEvent.Failed;
      if (stopEvery > 0 && ++sinceStop === stopEvery) {
        sinceStop = 0;
        engine.setaside();
        lent.fill(0xe5);
        lendNext();
      }
      continue;
    }
    lent.fill(0xe5);
    if (lendNext()) continue;
    if (!end) break;
    engine.receiveEnd();
    events.push(describeEvent(engine, engine.next()));
    over = true;
  }
  return events;
}

/** Takes all bytes out of both brigades as a driver sends them: pongs first. */
export function takeOutput(engine: WebSocketEngine): Uint8Array {
  const pongs = engine.controlOutput.flatten();
  const rest = engine.output.flatten();
  engine.controlOutput.consume(pongs.length);
  engine.output.consume(rest.length);
  return new Uint8Array([...pongs, ...rest]);
}

export function takeFrames(engine: WebSocketEngine): ParsedFrame[] {
  return parseFrames(takeOutput(engine));
}

/** Frames in short: `81 hello`, first byte and payload (close frames with their code). */
export function frameTexts(engine: WebSocketEngine): string[] {
  return takeFrames(engine).map(({ first, payload }) => {
    const head = first.toString(16).padStart(2, '0');
    if ((first & 0x0f) !== 8 || payload.length < 2) return `${head} ${Buffer.from(payload).toString()}`;
    return `${head} ${(payload[0] << 8) | payload[1]} ${Buffer.from(payload.subarray(2)).toString()}`.trim();
  });
}
