// An event loop for specs with real sockets and no waiting: bytes and turns are the process's own, and time stands still until it is moved.

import { TurnQueue } from '@sluice/connection';
import { EventLoop } from '@sluice/supervision';
import { TimingWheel, VirtualClock, WheelDriver } from '@sluice/timing';
import * as Effect from 'effect/Effect';
import * as Layer from 'effect/Layer';

/** The loop, to be given to a gateway; its time is the clock's. */
export function steppedTime(clock: VirtualClock): Layer.Layer<EventLoop> {
  const make = Effect.sync(() => {
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
    return { clock, wheel, turn, every, driver };
  });
  return Layer.effect(EventLoop, Effect.acquireRelease(make, ({ driver }) => Effect.sync(() => driver.close())));
}
