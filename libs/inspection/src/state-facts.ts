// What inspectors want to know of a state, worked out once per state and shared by all actors that are ever in it.

import { getNextTransitions, type AnyMachineSnapshot } from 'xstate';
import { encodeJson } from './ascii-json.ts';

export interface StateFacts {
  /** The snapshot as XState gives it to JSON. */
  readonly json: string;
  /** Ids of the active state nodes from the outside in, the machine itself left out: `connection.established.inbound.flowing`. */
  readonly stateIds: readonly string[];
  /** The same below the machine, as filters name them: `established.inbound.flowing`. */
  readonly paths: readonly string[];
  readonly tags: readonly string[];
  /** Events the chart has a transition for here; none in a final state. */
  readonly nextEvents: readonly string[];
}

const known = new WeakMap<AnyMachineSnapshot, StateFacts>();

export function stateFacts(snapshot: AnyMachineSnapshot): StateFacts {
  let facts = known.get(snapshot);
  if (facts === undefined) {
    const nodes = snapshot._nodes.filter((node) => node.parent !== undefined);
    facts = {
      json: encodeJson(snapshot),
      stateIds: nodes.map((node) => node.id),
      paths: nodes.map((node) => node.path.join('.')),
      tags: [...snapshot.tags],
      nextEvents: snapshot.status === 'active' ? [...new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType))] : [],
    };
    known.set(snapshot, facts);
  }
  return facts;
}
