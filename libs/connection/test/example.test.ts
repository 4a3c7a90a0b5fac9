// The README's example, run: an upper-casing line server on a connection, with no socket anywhere.

import { Brigade, Pool } from '@sluice/brigade';
import { TimingWheel, VirtualClock } from '@sluice/timing';
import { expect, it } from 'vitest';
import { Connection, StepResult, TurnQueue, defaultTimeouts, defaultWindows, noThrottles, type ConnectionHost, type Session } from '../src/index.ts';
import { ScriptedEndpoint } from './support/scripted-endpoint.ts';

/** Lines in, the same lines in upper case out, until the peer sends FIN. */
class UpperCaseSession implements Session {
  readonly protocol = 'upper';
  readonly output: Brigade;
  readonly controlOutput = null;
  readonly idleTimeoutMs = 0;
  #connection!: Connection;
  #unread = '';

  constructor(pool: Pool) {
    this.output = new Brigade(pool);
  }

  get heldBytes(): number {
    return this.#unread.length;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    connection.established();
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#unread += String.fromCharCode(bytes[i]);
  }

  step(): StepResult {
    const end = this.#unread.indexOf('\n');
    if (end < 0) return StepResult.NeedData;
    this.output.writeLatin1(this.#unread.slice(0, end + 1).toUpperCase());
    this.#unread = this.#unread.slice(end + 1);
    return StepResult.Again;
  }

  setaside(): void {
    // Bytes are copied as they are received.
  }

  receiveEnd(): void {
    this.#connection.finish('peerClosed');
    this.#connection.done();
  }

  onWritable(): void {}

  drain(): void {
    this.#connection.done();
  }

  refuse(): void {}

  probe(): boolean {
    return false;
  }

  end(): void {}
}

it('runs', () => {
  const endpoint = new ScriptedEndpoint();
  const clock = new VirtualClock();
  const pool = new Pool('example');
  const host: ConnectionHost = {
    clock,
    pool,
    wheel: new TimingWheel({ startMs: 0 }),
    turn: new TurnQueue((run) => void clock.schedule(0, run)),
    windows: defaultWindows,
    timeouts: defaultTimeouts,
    throttles: noThrottles,
    observer: { onStep() {}, onCrash() {}, onClosed: (connection) => connection.pool.destroy() },
  };
  new Connection(endpoint, host, new UpperCaseSession(pool)).start();
  endpoint.arrive('one\ntw');
  endpoint.arrive('o\n');
  clock.advanceBy(0);
  expect(endpoint.sent).toBe('ONE\nTWO\n');
  endpoint.end();
  clock.advanceBy(0);
  expect(endpoint.isShutdown).toBe(true);
  expect(pool.outstanding().bytes).toBe(0);
});
