// Draining: end connections at a paced rate, so that their clients do not all come back at once, and abort what is left at
// the deadline. Meanwhile the registry's counts say how far it is: who has been told is in phase `draining`.
//
// The caller stops the listeners before. Time is Effect's own clock.

import type { ConnectionRegistry } from './registry.ts';
import * as Effect from 'effect/Effect';

export interface DrainOptions {
  /** How many connections are told to go each second; more than 0, and less than 1 is possible. */
  readonly connectionsPerSecond: number;
  /** What is still open this long after the start is aborted. */
  readonly deadlineMs: number;
}

export interface DrainResult {
  /** Connections that ended by the deadline, and those that had to be aborted then. */
  readonly drained: number;
  readonly aborted: number;
}

/** About ten batches a second: even, and cheap at any rate. */
const batchMs = 100;

/** Drains every connection of the registry; those that are adopted meanwhile too. */
export const drain = Effect.fn('drain')(function* (
  registry: ConnectionRegistry,
  { connectionsPerSecond, deadlineMs }: DrainOptions,
): Effect.fn.Return<DrainResult> {
  const openedBefore = registry.opened - registry.size;
  const perBatch = Math.max(1, Math.floor((connectionsPerSecond * batchMs) / 1000));
  const pauseMs = (perBatch / connectionsPerSecond) * 1000;
  const paced = Effect.gen(function* () {
    let told = 0;
    // The registry's iterator is live: what has closed meanwhile is skipped.
    for (const connection of registry.all()) {
      if (told > 0 && told % perBatch === 0) yield* Effect.sleep(pauseMs);
      connection.drain();
      told++;
    }
    yield* Effect.callback<void>((resume) => {
      const stopWaiting = registry.whenEmpty(() => resume(Effect.void));
      return Effect.sync(stopWaiting);
    });
  });
  yield* Effect.timeoutOption(paced, deadlineMs);
  const aborted = registry.size;
  for (const connection of registry.all()) connection.abort('drained');
  return { drained: registry.opened - openedBefore - aborted, aborted };
});
