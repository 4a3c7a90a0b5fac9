// Draining: stop accepting, then end connections at a paced rate, so that their clients do not all come back at once,
// and abort what is left at the deadline.

import type { ConnectionRegistry } from './registry.ts';
import * as Effect from 'effect/Effect';

export interface DrainOptions {
  /** How many connections are told to go each second. */
  readonly connectionsPerSecond: number;
  /** What is still open this long after the start is aborted. */
  readonly deadlineMs: number;
}

export interface DrainResult {
  /** Connections that ended in good order, and those that had to be aborted at the deadline. */
  readonly drained: number;
  readonly aborted: number;
}

/** Ten batches a second: even, and cheap at any rate. */
const BATCH_MS = 100;

/** Drains every connection of the registry. Listeners are stopped by the caller before. */
export const drain = Effect.fn('drain')(function* (
  registry: ConnectionRegistry,
  options: DrainOptions,
): Effect.fn.Return<DrainResult> {
  const open = registry.size;
  const paced = Effect.gen(function* () {
    const perBatch = Math.max(1, Math.ceil((options.connectionsPerSecond * BATCH_MS) / 1000));
    let told = 0;
    // The registry's iterator is live: what closes meanwhile is skipped.
    for (const connection of registry.all()) {
      connection.drain();
      if (++told % perBatch === 0) yield* Effect.sleep(BATCH_MS);
    }
    yield* Effect.callback<void>((resume) => {
      const stopWaiting = registry.whenEmpty(() => resume(Effect.void));
      return Effect.sync(stopWaiting);
    });
  });
  yield* Effect.timeoutOption(paced, options.deadlineMs);
  const aborted = registry.size;
  for (const connection of registry.all()) connection.abort('drained');
  return { drained: open - aborted, aborted };
});
