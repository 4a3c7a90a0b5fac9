// Draining: end connections at a paced rate, so that their clients do not all come back at once, and abort what is left at
// the deadline. Meanwhile the registry says how far it is: `draining` has the numbers, and in its counts who has been told is in phase
// `draining`. What connects of its own accord is stopped first, or it would come back.
//
// The caller stops the listeners before. Time is Effect's own clock.

import type { Connection } from '@sluice/connection';
import type { ConnectionRegistry, DrainProgress } from './registry.ts';
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

class Progress implements DrainProgress {
  told = 0;
  aborted = 0;
  readonly #registry: ConnectionRegistry;

  constructor(registry: ConnectionRegistry) {
    this.#registry = registry;
  }

  get left(): number {
    return this.#registry.size;
  }
}

/** Drains every connection of the registry, whichever side began it and whatever it speaks; those that are adopted meanwhile too. */
export const drain = Effect.fn('drain')(function* (
  registry: ConnectionRegistry,
  { connectionsPerSecond, deadlineMs }: DrainOptions,
): Effect.fn.Return<DrainResult> {
  const openedBefore = registry.opened - registry.size;
  const perBatch = Math.max(1, Math.floor((connectionsPerSecond * batchMs) / 1000));
  const pauseMs = (perBatch / connectionsPerSecond) * 1000;
  const progress = new Progress(registry);
  registry.draining = progress;
  const pace = Effect.suspend(() => (progress.told > 0 && progress.told % perBatch === 0 ? Effect.sleep(pauseMs) : Effect.void));
  const paced = Effect.gen(function* () {
    // The registry's iterators are live: what has gone meanwhile is skipped.
    for (const connector of registry.connecting()) {
      yield* pace;
      connector.stop();
      progress.told++;
    }
    for (const connection of registry.all()) {
      if (isEnding(connection)) continue;
      yield* pace;
      connection.drain();
      progress.told++;
    }
    yield* Effect.callback<void>((resume) => {
      const stopWaiting = registry.whenEmpty(() => resume(Effect.void));
      return Effect.sync(stopWaiting);
    });
  });
  yield* Effect.timeoutOption(paced, deadlineMs);
  const aborted = registry.size;
  for (const connection of registry.all()) connection.abort('drained');
  progress.aborted = aborted;
  return { drained: registry.opened - openedBefore - aborted, aborted };
});

/** Its connector, or it itself, has begun to end it already. */
function isEnding({ state: { phase } }: Connection): boolean {
  return phase === 'draining' || phase === 'writeAndAbort';
}
