// Steps of the connection's chart, each computed once per process (step-table.ts). All connections share the resulting states, so a
// lifecycle costs one reference.

import type { SnapshotFrom } from 'xstate';
import { connectionMachine, type ConnectionAction, type ConnectionEventType } from './chart.ts';
import { StepTable, type ChartStep, type SharedState } from './step-table.ts';

export type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>;

/** The five states by their names in the chart. */
export type Phase = 'handshake' | 'established' | 'draining' | 'writeAndAbort' | 'closed';

/** One state of the chart, shared by every connection that is in it. */
export interface ChartState extends SharedState<ConnectionSnapshot, ConnectionEventType, Step> {
  readonly phase: Phase;
  /** The transport is not read in this state, and what was read waits. */
  readonly paused: boolean;
  /** What is read in this state is dropped. */
  readonly discarding: boolean;
}

export interface Step extends ChartStep<ChartState, ConnectionAction> {}

const table = new StepTable<typeof connectionMachine, ConnectionEventType, ConnectionAction, ChartState>(connectionMachine, (shared) => {
  const { snapshot } = shared;
  return {
    ...shared,
    phase: (typeof snapshot.value === 'string' ? snapshot.value : Object.keys(snapshot.value)[0]) as Phase,
    paused: snapshot.hasTag('paused'),
    discarding: snapshot.hasTag('discarding'),
  };
});

/** The first step: into `handshake`, with its entry actions. */
export function initialStep(): Step {
  return table.initialStep();
}

/** The step from `state` on an event of the type. */
export function stepFrom(state: ChartState, type: ConnectionEventType): Step {
  return table.stepFrom(state, type);
}
