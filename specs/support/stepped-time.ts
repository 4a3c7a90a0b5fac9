// An event loop for specs with real sockets and no waiting: bytes and turns are the process's own, and time stands still until it is moved.

import { TurnQueue } from '@sluice/connection';
import { EventLoop, type EventLoopShape } from '@sluice/supervision';
import { TimingWheel, VirtualClock, WheelDriver } from '@sluice/timing';
import * as Effect from 'effect/Effect';
import * as Layer from 'effect/Layer';

/** A loop whose time is the clock's. `close` takes its timer back. */
export function steppedLoop(clock: VirtualClock): EventLoopShape & { close(): void } {
  const wheel = new TimingWheel({ startMs: clock.now() });
  const driver = new WheelDriver(wheel, clock, clock);
  const turn = new TurnQueue((run) => void setImmediate(run));
  const every = (intervalMs: number, callback: () => void): (() => void) => {
    let timer = clock.schedule(intervalMs, function run(): void {
      timer = clock.schedule(intervalMs, run);
      callback();
    });
    return () => clock.cancel(timer);
  };
  return { clock, wheel, turn, every, close: () => driver.close() };
}

/** The same, to be given to a gateway. */
export function steppedTime(clock: VirtualClock): Layer.Layer<EventLoop> {
  const acquire = Effect.sync(() => steppedLoop(clock));
  return Layer.effect(EventLoop, Effect.acquireRelease(acquire, (loop) => Effect.sync(() => loop.close())));
}
