// Effect's clock on a virtual one, so that what the gateway waits for in Effect and what happens on the network share one time.

import type { VirtualClock } from '@sluice/timing';
import type * as Clock from 'effect/Clock';
import * as Duration from 'effect/Duration';
import * as Effect from 'effect/Effect';

export function effectClock(clock: VirtualClock): Clock.Clock {
  const millis = () => clock.now();
  const nanos = () => BigInt(Math.round(clock.now() * 1e6));
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const timer = clock.schedule(Duration.toMillis(duration), () => resume(Effect.void));
        return Effect.sync(() => clock.cancel(timer));
      }),
  };
}
