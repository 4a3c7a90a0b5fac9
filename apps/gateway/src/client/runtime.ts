// What a client needs from its process: time, turns, the network and randomness. Tests put virtual time and a network in memory in its place.

import { randomBytes } from 'node:crypto';
import { TurnQueue } from '@sluice/connection';
import { TimingWheel, WheelDriver, type Clock, type HostTimers } from '@sluice/timing';
import type { Resolver, Transport } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';

export interface ClientRuntime {
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly turn: TurnQueue;
  readonly transport: Transport;
  readonly resolver: Resolver;
  /** Unpredictable: nonces and masking keys are made of it. */
  randomBytes(count: number): Uint8Array;
  /** In [0, 1). */
  random(): number;
  /** Calls back every so many ms, until what it answers is called. */
  every(intervalMs: number, callback: () => void): () => void;
  /** Calls back once. */
  after(delayMs: number, callback: () => void): void;
}

const timers: HostTimers<NodeJS.Timeout> = {
  schedule: (delayMs, callback) => setTimeout(callback, delayMs),
  cancel: (timer) => clearTimeout(timer),
};

/** This process, with the portable transport. Deadlines keep the process alive: a client that waits to reconnect is at work. */
export function processRuntime(): ClientRuntime & { close(): void } {
  const clock: Clock = { now: () => performance.now() };
  const wheel = new TimingWheel({ startMs: clock.now() });
  const driver = new WheelDriver(wheel, clock, timers);
  const transport = createNodeTransport();
  return {
    clock,
    wheel,
    turn: new TurnQueue((run) => void setImmediate(run)),
    transport,
    resolver: transport,
    randomBytes: (count) => randomBytes(count),
    random: Math.random,
    every(intervalMs, callback) {
      const timer = setInterval(callback, intervalMs);
      return () => clearInterval(timer);
    },
    after: (delayMs, callback) => void setTimeout(callback, delayMs),
    close: () => driver.close(),
  };
}

/** A source of masking keys (RFC 6455, section 5.3) that asks for randomness a page at a time. */
export function maskKeys(runtime: Pick<ClientRuntime, 'randomBytes'>): () => number {
  const pageBytes = 4096;
  let page: DataView = new DataView(new ArrayBuffer(0));
  let at = 0;
  return () => {
    if (at === page.byteLength) {
      const bytes = runtime.randomBytes(pageBytes);
      page = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      at = 0;
    }
    at += 4;
    return page.getInt32(at - 4);
  };
}
