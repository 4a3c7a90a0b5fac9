// Steps of a chart, memoised. XState's own pure transition function computes each (state, event) pair once per process; after that a
// step is one Map look-up. Whoever runs the chart shares its states, so a life-cycle costs one reference.
//
// That holds for charts without context, guards, delays and invoked actors: nothing but state and event counts there.

import { initialTransition, transition, type AnyStateMachine, type EventFromLogic, type SnapshotFrom } from 'xstate';

/** What an event does in a state. */
export interface ChartStep<State, Action> {
  readonly target: State;
  readonly actions: readonly Action[];
  /** False where the chart has no transition for the event: same state, no actions. */
  readonly taken: boolean;
}

/** One state of a chart, shared by everyone who is in it. A chart adds what it says about its states. */
export interface SharedState<Snapshot, EventType, Step> {
  /** XState's snapshot of this state. */
  readonly snapshot: Snapshot;
  /** Readable form: `established(inbound.flowing outbound.clear)`. */
  readonly label: string;
  /** Steps seen so far, by event type. */
  readonly steps: Map<EventType, Step>;
}

interface ExecutableAction {
  readonly type: string;
  readonly params?: unknown;
}

export class StepTable<
  Machine extends AnyStateMachine,
  EventType extends EventFromLogic<Machine>['type'],
  Action extends ExecutableAction,
  State extends SharedState<SnapshotFrom<Machine>, EventType, ChartStep<State, Action>>,
> {
  readonly #machine: Machine;
  readonly #describe: (shared: SharedState<SnapshotFrom<Machine>, EventType, ChartStep<State, Action>>) => State;
  readonly #states = new Map<string, State>();
  #start: ChartStep<State, Action> | null = null;

  /** `describe` adds to a state what its chart says about it. */
  constructor(machine: Machine, describe: (shared: SharedState<SnapshotFrom<Machine>, EventType, ChartStep<State, Action>>) => State) {
    this.#machine = machine;
    this.#describe = describe;
  }

  /** The first step: into the initial state, with its entry actions. */
  initialStep(): ChartStep<State, Action> {
    if (this.#start === null) {
      const machine: AnyStateMachine = this.#machine;
      const [snapshot, actions] = initialTransition(machine);
      this.#start = { target: this.#stateOf(snapshot as SnapshotFrom<Machine>), actions: this.#actionsOf(actions), taken: true };
    }
    return this.#start;
  }

  /** The step from `state` on an event of the type. */
  stepFrom(state: State, type: EventType): ChartStep<State, Action> {
    const known = state.steps.get(type);
    if (known !== undefined) return known;
    const [snapshot, actions] = transition(this.#machine, state.snapshot, { type } as EventFromLogic<Machine>);
    const target = this.#stateOf(snapshot as SnapshotFrom<Machine>);
    const chartActions = this.#actionsOf(actions);
    const step = { target, actions: chartActions, taken: target !== state || chartActions.length > 0 };
    state.steps.set(type, step);
    return step;
  }

  #stateOf(snapshot: SnapshotFrom<Machine>): State {
    const label = labelOf((snapshot as { readonly value: unknown }).value);
    const known = this.#states.get(label);
    if (known !== undefined) return known;
    const state = this.#describe({ snapshot, label, steps: new Map() });
    this.#states.set(label, state);
    return state;
  }

  /** Only the chart's own actions reach its driver: it is built by `setup`, so their names and params are those declared. */
  #actionsOf(actions: readonly ExecutableAction[]): readonly Action[] {
    return Object.freeze(
      actions
        .filter((action) => !action.type.startsWith('xstate.') && !action.type.startsWith('@xstate.'))
        .map(({ type, params }) => Object.freeze({ type, params }) as Action),
    );
  }
}

function labelOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([name, inner]) => (typeof inner === 'string' ? `${name}.${inner}` : `${name}(${labelOf(inner)})`))
    .join(' ');
}
