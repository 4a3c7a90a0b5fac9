// A connection steps through memoised states and is no XState actor inside. For users of XState's own tools (`inspect`, `subscribe`,
// `waitFor`, the Stately extension) a real one runs beside it: started from its snapshot, sent the same events, stopped when it ends.

import { createActor, type Actor, type AnyStateMachine, type InspectionEvent, type Snapshot } from 'xstate';
import type { InspectedActor } from './actor.ts';
import type { Step, StepFollower } from './step.ts';

export interface LiveActorOptions {
  /** XState's `inspect` option: sees the actor's own inspection events. */
  readonly inspect?: (event: InspectionEvent) => void;
}

export class LiveActor<Machine extends AnyStateMachine = AnyStateMachine> implements StepFollower {
  /** Running. What is sent to it from elsewhere does not reach the original. */
  readonly actor: Actor<Machine>;
  /** What ended it, if that was an exception of a listener. */
  error: unknown = null;
  readonly #original: InspectedActor;
  readonly #leave: (live: StepFollower) => void;

  /** Made by `Inspection.live`. */
  constructor(original: InspectedActor, machine: Machine, options: LiveActorOptions, leave: (live: StepFollower) => void) {
    const snapshot = machine.getPersistedSnapshot(original.getSnapshot() as Parameters<Machine['getPersistedSnapshot']>[0]);
    this.#original = original;
    this.#leave = leave;
    this.actor = createActor(machine as AnyStateMachine, { snapshot, id: original.sessionId, ...options }) as Actor<Machine>;
    this.actor.start();
  }

  /** It has ended, as its original has. */
  get isOver(): boolean {
    const snapshot: Snapshot<unknown> = this.actor.getSnapshot();
    return snapshot.status !== 'active';
  }

  stop(): void {
    this.#leave(this);
    this.end(null);
  }

  // The inspection's side.

  wants(actor: InspectedActor): boolean {
    return actor === this.#original;
  }

  take(step: Step): void {
    this.actor.send({ type: step.event } as Parameters<Actor<Machine>['send']>[0]);
    if (step.isLast) this.stop();
  }

  end(error: unknown): void {
    this.error = error;
    this.actor.stop();
  }
}
