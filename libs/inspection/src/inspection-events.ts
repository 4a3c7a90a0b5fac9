// Steps as XState inspection events, in the format that `@statelyai/inspect` sends and its inspectors read: one JSON text each.
//
//   @xstate.actor      an actor exists: parent, root, the chart's definition, the state it is in
//   @xstate.event      it was sent an event
//   @xstate.snapshot   the state it is in now, and by which event
//
// A step is the second and the third. What is the same for all actors in a state is encoded once (see state-facts.ts); the rest
// is put around it.

import type { AnyStateMachine } from 'xstate';
import type { ActorDirectory, InspectedActor, InspectedState } from './actor.ts';
import { encodeJson, encodeText } from './ascii-json.ts';
import { stateFacts } from './state-facts.ts';

/** The version of `@statelyai/inspect` whose format this is. */
export const formatVersion = '0.7.2';

/** Sent to the root actor, in place of events that a watcher has lost: `{type: 'EVENTS.LOST', count}`. */
export const lostEventType = 'EVENTS.LOST';

const definitions = new WeakMap<AnyStateMachine, string>();

/** The chart's definition: JSON inside a JSON string. */
function definitionOf(machine: AnyStateMachine | null, name: string): string {
  if (machine === null) return encodeText(encodeJson({ id: name }));
  let definition = definitions.get(machine);
  if (definition === undefined) {
    definition = encodeText(encodeJson(machine.config));
    definitions.set(machine, definition);
  }
  return definition;
}

export class EventEncoder {
  readonly #root: InspectedActor;
  readonly #rootId: string;
  readonly #directory: ActorDirectory;
  readonly #epochMs: () => number;
  #encoded = 0;

  /** `epochMs` is wall-clock time, in ms since 1970: inspectors show it. */
  constructor(root: InspectedActor, directory: ActorDirectory, epochMs: () => number) {
    this.#root = root;
    this.#rootId = encodeText(root.sessionId);
    this.#directory = directory;
    this.#epochMs = epochMs;
  }

  /** In the state it is in now, or in the one given. */
  actor(actor: InspectedActor, state: InspectedState | null = null): string {
    const { sessionId } = actor;
    const parent = this.#directory.parentOf(actor);
    const parentPart = parent === null ? '' : `"parentId":${encodeText(parent.sessionId)},`;
    const definition = definitionOf(this.#directory.machineOf(actor), sessionId);
    const snapshot = state === null ? encodeJson(actor.getSnapshot()) : stateFacts(state.snapshot).json;
    return `{"type":"@xstate.actor","name":${encodeText(sessionId)},${parentPart}"definition":${definition},"snapshot":${snapshot},${this.#base(actor)}}`;
  }

  event(actor: InspectedActor, event: string): string {
    return `{"type":"@xstate.event","event":{"type":${encodeText(event)}},${this.#base(actor)}}`;
  }

  snapshot(actor: InspectedActor, event: string, state: InspectedState): string {
    const { json } = stateFacts(state.snapshot);
    return `{"type":"@xstate.snapshot","event":{"type":${encodeText(event)}},"snapshot":${json},${this.#base(actor)}}`;
  }

  /** Stands where `count` events of a watcher are missing. */
  lost(count: number): string {
    return `{"type":"@xstate.event","event":{"type":"${lostEventType}","count":${count}},${this.#base(this.#root)}}`;
  }

  #base(actor: InspectedActor): string {
    const createdAt = Math.round(this.#epochMs());
    return `"rootId":${this.#rootId},"sessionId":${encodeText(actor.sessionId)},"createdAt":"${createdAt}","id":"${++this.#encoded}","_version":"${formatVersion}"`;
  }
}
