// What can be inspected: anything with XState's outward shape that takes steps. A connection is one as it stands, and so are
// listeners and connectors with charts of their own.
//
// An actor says nothing of its place in the process or of what it works on. The application knows that, and is asked through
// `ActorDirectory`, only about actors that somebody watches: so an actor that nobody watches carries nothing for it.

import type { AnyMachineSnapshot, AnyStateMachine, Snapshot } from 'xstate';

/** An actor as inspectors see it. */
export interface InspectedActor {
  /** Unique in this process: `connection:12`. */
  readonly sessionId: string;
  /** A snapshot of its machine, or for one without a chart any of XState's: `{status: 'active', …}`. */
  getSnapshot(): Snapshot<unknown>;
}

/** A state of a chart, shared by all actors that are in it (`ChartState` of `@sluice/connection` is one). */
export interface InspectedState {
  readonly snapshot: AnyMachineSnapshot;
  /** Readable form: `established(inbound.flowing outbound.clear)`. Another state of the same chart has another. */
  readonly label: string;
}

/** What filters look at. */
export interface ActorFacts {
  /** Address of the other side, without the port; `null` for an actor that has none. */
  readonly peer: string | null;
  readonly protocol: string | null;
  /** What it is subscribed to: topics and patterns. */
  readonly topics: readonly string[];
  readonly tags: readonly string[];
}

/** The application's knowledge of its actors. Called inside a chart's step: answers from memory, at once. */
export interface ActorDirectory {
  /** Whose child it is; `null` for the root. The chain of a connection is listener, supervisor. */
  parentOf(actor: InspectedActor): InspectedActor | null;
  /** The chart it runs; `null` for one without. */
  machineOf(actor: InspectedActor): AnyStateMachine | null;
  factsOf(actor: InspectedActor): ActorFacts;
}

/** From the root down to the actor itself. */
export function lineage(actor: InspectedActor, directory: ActorDirectory): InspectedActor[] {
  const line = [actor];
  for (let parent = directory.parentOf(actor); parent !== null; parent = directory.parentOf(parent)) line.unshift(parent);
  return line;
}
