// SIGTERM and SIGINT, as a queue: the first asks the gateway to stop, the second to stop at once.
//
// Ctrl-C at `npm start` delivers SIGINT twice within milliseconds: the terminal sends it to the whole process group, and npm sends it to its child
// once more. So a signal within a moment of the one before, whichever of the two, is the same request.

import * as Effect from 'effect/Effect';
import * as Queue from 'effect/Queue';

/** A second signal this soon after the one before it is the same request. */
export const sameSignalMs = 500;

/** Whether a signal is a request of its own. One per process; `nowMs` is monotonic. */
export function signalFilter(): (nowMs: number) => boolean {
  let acceptedMs = -Infinity;
  return (nowMs) => {
    if (nowMs - acceptedMs < sameSignalMs) return false;
    acceptedMs = nowMs;
    return true;
  };
}

/**
 * Gives an effect that waits for the next request to stop. None is missed, and none ends the process by itself, also not one that comes when the
 * scope has closed and the process is about to exit with its own status.
 */
export const stopSignals: Effect.Effect<Effect.Effect<NodeJS.Signals>> = Effect.gen(function* () {
  const signals = yield* Queue.unbounded<NodeJS.Signals>();
  const isRequest = signalFilter();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isRequest(performance.now())) Queue.offerUnsafe(signals, signal);
  };
  yield* Effect.sync(() => process.on('SIGTERM', onSignal).on('SIGINT', onSignal));
  return Queue.take(signals);
});
