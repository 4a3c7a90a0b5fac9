import { Brigade, Pool, makeSent, streamBucket, type StreamSource } from '@sluice/brigade';
import { WebSocketEngine } from '@sluice/websocket';
import { describe, expect, it } from 'vitest';
import { WebSocketSession } from '../src/index.ts';
import { Portions } from '../src/portions.ts';
import { LineSession } from './support/line-session.ts';

const quiet = { onOpen() {}, onMessage: () => true, onWritable() {}, onClose() {} };
const never = (): void => {
  throw new Error('nothing here becomes readable');
};

function socket() {
  const pool = new Pool('portions');
  const engine = new WebSocketEngine({ role: 'server', pool });
  return { pool, engine, session: new WebSocketSession(engine, quiet, { pingIntervalMs: 0, idleTimeoutMs: 0 }) };
}

const text = (brigade: Brigade): string => Buffer.from(brigade.flatten()).toString('latin1');

describe('a portion', () => {
  it('is cut anywhere, and control frames wait for the end of the frame that was cut, no longer', () => {
    const { engine, session } = socket();
    const portions = new Portions();
    engine.sendText(Buffer.from('0123456789'), 0, 10);
    engine.sendText(Buffer.from('abc'), 0, 3);
    expect(text(portions.take(session, 5, never))).toBe('\x81\x0a012');
    engine.receive(Buffer.from('\x89\x82\0\0\0\0hi', 'latin1'), 0, 8);
    engine.next();
    expect(engine.controlOutput.length).toBe(4);
    // The rest of the first frame, the pong, and then the next message.
    expect(text(portions.take(session, 4, never))).toBe('3456');
    expect(text(portions.take(session, 9, never))).toBe('789\x8a\x02hi\x81\x03');
    expect(text(portions.take(session, 100, never))).toBe('abc');
    expect(portions.lead).toBe(0);
  });

  it('lets control frames go first between two messages, whole, whatever is allowed', () => {
    const { engine, session } = socket();
    const portions = new Portions();
    engine.sendText(Buffer.from('data'), 0, 4);
    engine.receive(Buffer.from('\x89\x82\0\0\0\0hi', 'latin1'), 0, 8);
    engine.next();
    expect(text(portions.take(session, 1, never))).toBe('\x8a\x02hi');
    expect(text(portions.take(session, 100, never))).toBe('\x81\x04data');
  });

  it('keeps control frames behind all that is queued for a session that cannot say where its frames end', () => {
    const { pool } = socket();
    const control = new Brigade(pool);
    const session = Object.assign(new LineSession(pool), { controlOutput: control as never });
    const portions = new Portions();
    session.output.writeLatin1('first second');
    expect(text(portions.take(session, 5, never))).toBe('first');
    control.writeLatin1('!');
    session.output.writeLatin1(' third');
    expect(text(portions.take(session, 5, never))).toBe(' seco');
    expect(text(portions.take(session, 100, never))).toBe('nd! third');
  });

  it('takes the marks behind its last byte along', () => {
    const pool = new Pool('marks');
    const session = new LineSession(pool);
    const sent: unknown[] = [];
    session.output.writeLatin1('12345');
    session.output.append(makeSent((error) => void sent.push(error)));
    session.output.writeLatin1('678');
    const portion = new Portions().take(session, 5, never);
    expect(portion.count).toBe(2);
    portion.consume(5);
    expect(sent).toEqual([null]);
    expect(text(session.output)).toBe('678');
  });

  it('takes of a stream what is allowed and there, and hears of more', () => {
    const pool = new Pool('stream');
    const session = new LineSession(pool);
    const source = new Pieces(['0123456789', '', 'abc']);
    const portions = new Portions();
    let readable = 0;
    session.output.writeLatin1('head ');
    session.output.append(streamBucket(source));
    const portion = (): string => text(portions.take(session, 9, () => void readable++));
    expect(portion()).toBe('head 0123');
    expect(portion()).toBe('456789');
    expect(source.listeners).toHaveLength(1);
    source.listeners[0]!();
    expect(readable).toBe(1);
    expect(portion()).toBe('abc');
    expect(session.output.isEmpty).toBe(true);
    expect(source.closed).toBe(true);
  });
});

it('carries over what the last session could not send yet: it leaves before anything of the next, its control frames too', () => {
  const { engine, session, pool } = socket();
  const before = new LineSession(pool);
  const portions = new Portions();
  before.output.writeLatin1('101 Switching');
  engine.sendText(Buffer.from('data'), 0, 4);
  portions.carryOver(before, session);
  engine.receive(Buffer.from('\x89\x80\0\0\0\0', 'latin1'), 0, 6);
  engine.next();
  expect(text(portions.take(session, 4, never))).toBe('101 ');
  expect(text(portions.take(session, 100, never))).toBe('Switching\x8a\x00\x81\x04data');
});

/** A stream that gives its pieces one by one; an empty one stands for nothing yet. */
class Pieces implements StreamSource {
  readonly listeners: (() => void)[] = [];
  closed = false;
  readonly #pieces: string[];

  constructor(pieces: string[]) {
    this.#pieces = pieces;
  }

  read(into: Uint8Array, start: number): number {
    const piece = this.#pieces.shift();
    if (piece === undefined) return -1;
    into.set(Buffer.from(piece), start);
    return piece.length;
  }

  onReadable(callback: () => void): void {
    this.listeners.push(callback);
  }

  close(): void {
    this.closed = true;
  }
}
