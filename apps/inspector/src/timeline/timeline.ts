// The steps of one connection, from where its recording begins to now. A position is the number of steps that have been taken: 0 is the
// state they begin in, the largest is the present.
//
// Steps are numbered from the connection's first, so what a recording holds and what came over a stream can be put together without
// one being there twice.

import type { ActorRecording, StateValue } from '../api/documents.ts';

export interface Step {
  /** Since the connection was opened. */
  readonly atMs: number;
  /** `null`: not seen; some may be missing here. */
  readonly event: string | null;
  readonly state: StateValue | null;
}

export interface Timeline {
  /** The machine's id. */
  readonly chart: string;
  /** The state before the first of the steps. */
  readonly start: StateValue | null;
  /** Steps before the first that is here. */
  readonly before: number;
  readonly steps: readonly Step[];
}

export interface Moment {
  readonly state: StateValue | null;
  /** The state before; `null` at the beginning. */
  readonly from: StateValue | null;
  readonly event: string | null;
  readonly atMs: number;
}

/** Of one that is watched for long, the oldest steps go. */
export const mostSteps = 2000;

export function timelineOf({ chart, start, lostSteps, steps }: ActorRecording): Timeline {
  return { chart, start, before: lostSteps, steps };
}

export function withStep(timeline: Timeline, step: Step): Timeline {
  return trimmed({ ...timeline, steps: [...timeline.steps, step] });
}

/** Puts a recording behind what was known already; where steps are missing in between, one stands for them. */
export function withRecording(known: Timeline | null, recording: ActorRecording): Timeline {
  const newer = timelineOf(recording);
  if (known === null || newer.before <= known.before) return newer;
  const overlap = known.before + known.steps.length - newer.before;
  if (overlap >= 0) return trimmed({ ...known, steps: [...known.steps.slice(0, known.steps.length - overlap), ...newer.steps] });
  const missing: Step = { atMs: newer.steps[0]?.atMs ?? 0, event: null, state: newer.start };
  return trimmed({ ...known, before: newer.before - known.steps.length - 1, steps: [...known.steps, missing, ...newer.steps] });
}

/**
 * Steps that came over a stream while the recording was on its way: those that it does not have yet are added. Both end with the same
 * events, so the longest run that the recording ends with and the stream begins with is what they share.
 */
export function withStream(timeline: Timeline, streamed: readonly Step[]): Timeline {
  let shared = Math.min(streamed.length, timeline.steps.length);
  const isShared = (count: number): boolean => {
    const from = timeline.steps.length - count;
    return streamed.slice(0, count).every((step, i) => sameStep(step, timeline.steps[from + i]));
  };
  while (shared > 0 && !isShared(shared)) shared--;
  return streamed.slice(shared).reduce(withStep, timeline);
}

export function momentAt({ start, steps }: Timeline, position: number): Moment {
  const index = Math.min(position, steps.length) - 1;
  const step = steps[index];
  if (step === undefined) return { state: start, from: null, event: null, atMs: steps[0]?.atMs ?? 0 };
  return { ...step, from: index === 0 ? start : (steps[index - 1]?.state ?? null) };
}

function sameStep(one: Step, other: Step | undefined): boolean {
  return other !== undefined && one.event === other.event && JSON.stringify(one.state) === JSON.stringify(other.state);
}

function trimmed(timeline: Timeline): Timeline {
  const over = timeline.steps.length - mostSteps;
  if (over <= 0) return timeline;
  return { ...timeline, before: timeline.before + over, start: timeline.steps[over - 1]?.state ?? null, steps: timeline.steps.slice(over) };
}
