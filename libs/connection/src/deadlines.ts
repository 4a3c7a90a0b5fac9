// The deadlines of one connection, as whoever asks "what is it waiting for?" sees them, and the delays that may be set on one.

import { deadlineNames, type Clock, type DeadlineOwner, type TimingWheel } from '@sluice/timing';
import type { TimerName } from './chart.ts';

/** Deadlines whose delay can be set on one connection. The throttles' follow from the rates; the others are not a connection's. */
export type SettableTimer = 'handshake' | 'idle' | 'sustain' | 'close';

export interface ArmedTimer {
  readonly name: TimerName;
  /** Time left, in milliseconds; 0 when it is about to fire. */
  readonly leftMs: number;
}

/** What the owner has armed, in the order of `deadlineNames`. */
export function armedTimers(wheel: TimingWheel, owner: DeadlineOwner, clock: Clock): readonly ArmedTimer[] {
  const nowMs = clock.now();
  return deadlineNames
    .map((name) => ({ name, leftMs: Math.max(0, wheel.dueAt(owner, name) - nowMs) }))
    .filter(({ leftMs }) => leftMs < Infinity);
}
