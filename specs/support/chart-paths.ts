// The paths of a chart that a spec has to take: the shortest one to each state, and each transition of each state once, behind the shortest
// path to where it begins (`xstate/graph`).
//
// What nothing outside can cause is named, with the reason, by `reasonAgainst`; paths go around it. A state that no path reaches then, and
// a transition that is ruled out, are listed. Everything else has to be driven: a new state or event without a driver fails its spec.

import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import { getShortestPaths } from 'xstate/graph';

export interface PathStep {
  readonly event: string;
  /** The state before, and the state after: `established(inbound.flowing outbound.clear)`. */
  readonly from: string;
  readonly to: string;
}

export interface ChartPath {
  /** The events, in order. */
  readonly name: string;
  readonly steps: readonly PathStep[];
}

/** A path whose last event nothing outside can cause, and why. */
export interface RuledOut {
  readonly path: ChartPath;
  readonly reason: string;
}

export interface ChartRules {
  /** Why nothing outside can cause the event in this state; `null` where something can. */
  reasonAgainst(state: string, event: string): string | null;
  /** Another way to the state than the shortest, where the event needs what that does not bring about. */
  detour?(state: string, event: string): readonly string[] | null;
  /** Why no path leads to the state; `null` for a state that has to be reached. */
  whyUnreached?(state: string): string | null;
}

export interface ChartPaths {
  /** In the order of states; no path twice. */
  readonly paths: readonly ChartPath[];
  readonly ruledOut: readonly RuledOut[];
  /** States that no path leads to then, each with the reason, or `null` where nobody has given one. */
  readonly unreached: ReadonlyMap<string, string | null>;
}

/** As the charts' own labels (step-table.ts). */
export function labelOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([name, inner]) => (typeof inner === 'string' ? `${name}.${inner}` : `${name}(${labelOf(inner)})`))
    .join(' ');
}

export function chartPaths(machine: AnyStateMachine, rules: ChartRules): ChartPaths {
  const events = machine.events.map((type) => ({ type }));
  const possible = getShortestPaths(machine, {
    events,
    filterEvents: (snapshot, { type }) => rules.reasonAgainst(labelOf(snapshot.value), type) === null,
  });
  const paths = new Map<string, ChartPath>();
  const ruledOut: RuledOut[] = [];
  const add = (types: readonly string[]): void => {
    const path = pathOf(machine, types);
    if (types.length > 0) paths.set(path.name, path);
  };
  const reached = new Set<string>();
  for (const { state, steps } of possible) {
    const label = labelOf(state.value);
    // xstate/graph begins each path with the event that starts a machine.
    const way = steps.map(({ event }) => event.type).filter((type) => !type.startsWith('xstate.'));
    reached.add(label);
    add(way);
    for (const { type } of events) {
      if (!isTaken(machine, state, type)) continue;
      const reason = rules.reasonAgainst(label, type);
      if (reason === null) add([...(rules.detour?.(label, type) ?? way), type]);
      else ruledOut.push({ path: pathOf(machine, [...way, type]), reason });
    }
  }
  const unreached = getShortestPaths(machine, { events }).map(({ state }) => labelOf(state.value)).filter((label) => !reached.has(label));
  return { paths: [...paths.values()], ruledOut, unreached: new Map(unreached.map((label) => [label, rules.whyUnreached?.(label) ?? null])) };
}

/** What a chart makes of these events from its beginning; an event that means nothing where it comes is an error. */
export function pathOf(machine: AnyStateMachine, types: readonly string[]): ChartPath {
  let [snapshot] = initialTransition(machine) as [AnyMachineSnapshot, unknown];
  const steps = types.map((event) => {
    if (!isTaken(machine, snapshot, event)) throw new Error(`${event} means nothing in ${labelOf(snapshot.value)}`);
    const from = labelOf(snapshot.value);
    [snapshot] = transition(machine, snapshot, { type: event }) as [AnyMachineSnapshot, unknown];
    return { event, from, to: labelOf(snapshot.value) };
  });
  return { name: types.join(' → '), steps };
}

function isTaken(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, type: string): boolean {
  if (snapshot.status !== 'active') return false;
  const [next, actions] = transition(machine, snapshot, { type }) as [AnyMachineSnapshot, readonly { readonly type: string }[]];
  return labelOf(next.value) !== labelOf(snapshot.value) || actions.some((action) => !action.type.startsWith('xstate.'));
}
