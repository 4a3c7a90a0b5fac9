// The deadlines of one connection, as whoever asks "what is it waiting for?" sees them, and the delays that may be set on one.

import { deadlineNames, type Clock, type DeadlineOwner, type TimingWheel } from '@sluice/timing';
import type { TimerName } from './chart.ts';
import type { TimeoutSettings } from './host.ts';
import type { Phase } from './steps.ts';

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

/** Whether the deadline runs in this state. */
export function isTimed(name: SettableTimer, phase: Phase): boolean {
  switch (name) {
    case 'handshake':
      return phase === 'handshake';
    case 'idle':
      return phase === 'established';
    case 'sustain':
      return phase !== 'closed';
    case 'close':
      return phase === 'draining' || phase === 'writeAndAbort';
  }
}

/** The delay a deadline is armed with, as the settings have it; 0 for none. A session's idle time is its own. */
export function delayOf(timer: TimerName, phase: Phase, timeouts: TimeoutSettings, idleTimeoutMs: number): number {
  switch (timer) {
    case 'handshake':
      return phase === 'handshake' ? timeouts.handshakeTimeoutMs : timeouts.requestTimeoutMs;
    case 'idle':
      return idleTimeoutMs;
    case 'sustain':
      return timeouts.sustainTimeoutMs;
    case 'close':
      return timeouts.closeTimeoutMs;
    default:
      return 0;
  }
}
