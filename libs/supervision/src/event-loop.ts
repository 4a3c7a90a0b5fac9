// Time and turns, as a service: the clock, the one timing wheel with its one host timer, and the turn queue. All
// connections of a process share them. Tests put a virtual clock in its place.
//
// An error in a timer's callback ends there: it is reported, and the timer and all others go on. Left to Node it would end the process.

import { TurnQueue } from '@sluice/connection';
import { TimingWheel, VirtualClock, WheelDriver, type Clock, type HostTimers } from '@sluice/timing';
import * as Context from 'effect/Context';
import * as Effect from 'effect/Effect';
import * as Layer from 'effect/Layer';

export interface EventLoopShape {
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly turn: TurnQueue;
  /** Calls back again and again, until the returned function is called. Keeps no process alive. What the callback throws is reported. */
  readonly every: (intervalMs: number, callback: () => void) => () => void;
}

export class EventLoop extends Context.Service<EventLoop, EventLoopShape>()('@sluice/supervision/EventLoop') {
  /** Node's own loop: `performance.now`, one `setTimeout` for all deadlines, `setImmediate` as the end of a turn. */
  static readonly layer: Layer.Layer<EventLoop> = EventLoop.reporting((error) => process.emitWarning(asError(error)));

  /** As `layer`; `report` gets what timers' callbacks throw. By default that becomes a warning of the process. */
  static reporting(report: (error: unknown) => void): Layer.Layer<EventLoop> {
    return Layer.effect(
      EventLoop,
      Effect.suspend(() => make({ now: () => performance.now() }, containing(nodeTimers, report), (run) => void setImmediate(run))),
    );
  }

  /** Virtual time: deadlines fire and turns end only when the clock is moved. */
  static virtual(clock: VirtualClock): Layer.Layer<EventLoop> {
    return Layer.effect(
      EventLoop,
      Effect.suspend(() => make(clock, clock, (run) => void clock.schedule(0, run))),
    );
  }
}

const nodeTimers: HostTimers<NodeJS.Timeout> = {
  schedule: (delayMs, callback) => setTimeout(callback, delayMs),
  cancel: (timer) => clearTimeout(timer),
  unref: (timer) => void timer.unref(),
};

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The timers, with a guard around each callback. */
function containing<Handle>(timers: HostTimers<Handle>, report: (error: unknown) => void): HostTimers<Handle> {
  const guarded = (callback: () => void) => (): void => {
    try {
      callback();
    } catch (error) {
      report(error);
    }
  };
  return { ...timers, schedule: (delayMs, callback) => timers.schedule(delayMs, guarded(callback)) };
}

function make<Handle>(clock: Clock, timers: HostTimers<Handle>, endOfTurn: (run: () => void) => void) {
  return Effect.acquireRelease(
    Effect.sync(() => {
      const wheel = new TimingWheel({ startMs: clock.now() });
      const driver = new WheelDriver(wheel, clock, timers);
      driver.unref();
      const every = (intervalMs: number, callback: () => void): (() => void) => {
        let timer: Handle;
        const arm = (): void => {
          timer = timers.schedule(intervalMs, run);
          timers.unref?.(timer);
        };
        const run = (): void => {
          arm();
          callback();
        };
        arm();
        return () => timers.cancel(timer);
      };
      return { clock, wheel, turn: new TurnQueue(endOfTurn), every, driver };
    }),
    ({ driver }) => Effect.sync(() => driver.close()),
  );
}
