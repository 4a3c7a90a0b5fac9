// Steps of the chart, memoised. XState's own pure transition function computes each (state, event) pair once per process;
// after that a step is one Map look-up. All connections share the resulting states, so a lifecycle costs one reference.

import { initialTransition, transition, type SnapshotFrom } from 'xstate';
import { connectionMachine, type ConnectionAction, type ConnectionEvent, type ConnectionEventType } from './chart.ts';

export type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>;

/** The five states by their names in the chart. */
export type Phase = 'handshake' | 'established' | 'draining' | 'writeAndAbort' | 'closed';

/** One state of the chart, shared by every connection that is in it. */
export interface ChartState {
  /** XState's snapshot of this state. */
  readonly snapshot: ConnectionSnapshot;
  readonly phase: Phase;
  /** Readable form: `established(inbound.flowing outbound.clear)`. */
  readonly label: string;
  /** The transport is not read in this state. */
  readonly paused: boolean;
  /** What is read in this state is dropped. */
  readonly discarding: boolean;
  /** Steps seen so far, by event type. */
  readonly steps: Map<ConnectionEventType, Step>;
}

export interface Step {
  readonly target: ChartState;
  readonly actions: readonly ConnectionAction[];
  /** False where the chart has no transition for the event: same state, no actions. */
  readonly taken: boolean;
}

const states = new Map<string, ChartState>();

function labelOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([name, inner]) => (typeof inner === 'string' ? `${name}.${inner}` : `${name}(${labelOf(inner)})`))
    .join(' ');
}

function stateOf(snapshot: ConnectionSnapshot): ChartState {
  const label = labelOf(snapshot.value);
  const known = states.get(label);
  if (known !== undefined) return known;
  const phase = (typeof snapshot.value === 'string' ? snapshot.value : Object.keys(snapshot.value)[0]) as Phase;
  const state: ChartState = {
    snapshot,
    phase,
    label,
    paused: snapshot.hasTag('paused'),
    discarding: snapshot.hasTag('discarding'),
    steps: new Map(),
  };
  states.set(label, state);
  return state;
}

interface ExecutableAction {
  readonly type: string;
  readonly params?: unknown;
}

function actionsOf(actions: readonly ExecutableAction[]): readonly ConnectionAction[] {
  // Only the chart's own actions reach the driver: it is built by `setup`, so their names and params are those declared.
  return Object.freeze(
    actions
      .filter((action) => !action.type.startsWith('xstate.') && !action.type.startsWith('@xstate.'))
      .map(({ type, params }) => Object.freeze({ type, params }) as ConnectionAction),
  );
}

let start: Step | null = null;

/** The first step: into `handshake`, with its entry actions. */
export function initialStep(): Step {
  if (start === null) {
    const [snapshot, actions] = initialTransition(connectionMachine);
    start = { target: stateOf(snapshot), actions: actionsOf(actions), taken: true };
  }
  return start;
}

/** The step from `state` on an event of the type. */
export function stepFrom(state: ChartState, type: ConnectionEventType): Step {
  const known = state.steps.get(type);
  if (known !== undefined) return known;
  const [snapshot, actions] = transition(connectionMachine, state.snapshot, { type } as ConnectionEvent);
  const target = stateOf(snapshot);
  const chartActions = actionsOf(actions);
  const step = { target, actions: chartActions, taken: target !== state || chartActions.length > 0 };
  state.steps.set(type, step);
  return step;
}
