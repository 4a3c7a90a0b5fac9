// Runs a recording against today's charts and says where they first differ from what was seen. Pure: nothing is sent, nothing waits.
//
// Charts here have no context and no guards, so a state and an event are all there is to a step. A chart that has them can be
// recorded, but a replay of it takes the guards' word for a context that is empty.

import { transition, type AnyMachineSnapshot, type AnyStateMachine, type StateValue } from 'xstate';
import { chartHash } from './chart-hash.ts';
import type { ActorRecording, Recording } from './recording.ts';

export interface Difference {
  /** Index in the recording's steps; -1: the state they begin in is not one of today's chart. */
  readonly step: number;
  readonly atMs: number;
  readonly event: string | null;
  /** The state before. */
  readonly from: StateValue | null;
  /** Where it went when it was recorded. */
  readonly expected: StateValue | null;
  /** Where today's chart goes; `null` if it does not get that far. */
  readonly got: StateValue | null;
}

export interface Replay {
  readonly sessionId: string;
  readonly chart: string;
  readonly outcome: 'same' | 'differs' | 'unknownChart';
  /** The chart's definition is not the one that was recorded. It may still do the same. */
  readonly chartChanged: boolean;
  /** Steps that were run and did the same. */
  readonly steps: number;
  readonly difference: Difference | null;
}

/** One answer for each actor of the recording, in its order. `charts`: those of today, found by their ids. */
export function replay(recording: Recording, charts: readonly AnyStateMachine[]): Replay[] {
  return recording.actors.map((actor) => replayActor(actor, charts));
}

function replayActor(actor: ActorRecording, charts: readonly AnyStateMachine[]): Replay {
  const { sessionId, chart } = actor;
  const machine = charts.find(({ id }) => id === chart);
  if (machine === undefined) return { sessionId, chart, outcome: 'unknownChart', chartChanged: true, steps: 0, difference: null };
  const chartChanged = chartHash(machine) !== actor.chartHash;
  const difference = firstDifference(actor, machine);
  const steps = difference === null ? actor.steps.length : Math.max(0, difference.step);
  return { sessionId, chart, outcome: difference === null ? 'same' : 'differs', chartChanged, steps, difference };
}

function firstDifference({ start, steps }: ActorRecording, machine: AnyStateMachine): Difference | null {
  let state = start;
  let snapshot = start === null ? null : resolve(machine, start);
  if (start !== null && snapshot === null) return { step: -1, atMs: 0, event: null, from: null, expected: start, got: null };
  for (const [step, { atMs, event, state: expected }] of steps.entries()) {
    // Where the recorder has no number for a state or an event, the step is taken as it was seen.
    const next: AnyMachineSnapshot | null = snapshot === null || event === null ? null : transition(machine, snapshot, { type: event })[0];
    if (next !== null && expected !== null && !sameValue(next.value, expected)) {
      return { step, atMs, event, from: state, expected, got: next.value };
    }
    state = expected ?? next?.value ?? null;
    snapshot = next ?? (expected === null ? null : resolve(machine, expected));
    if (snapshot === null && expected !== null) return { step, atMs, event, from: null, expected, got: null };
  }
  return null;
}

/** The chart's state of this value; `null` when it has none. XState fills in what a value leaves open: that is another one. */
function resolve(machine: AnyStateMachine, value: StateValue): AnyMachineSnapshot | null {
  try {
    const snapshot: AnyMachineSnapshot = machine.resolveState({ value, context: {} });
    return sameValue(snapshot.value, value) ? snapshot : null;
  } catch {
    return null;
  }
}

function sameValue(one: StateValue | undefined, other: StateValue | undefined): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => sameValue(one[name], other[name]));
}
