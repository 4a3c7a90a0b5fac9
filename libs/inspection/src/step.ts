// A step that somebody watches. Its two events are encoded when the first watcher wants them, and shared by all.

import type { InspectedActor, InspectedState } from './actor.ts';
import type { EventEncoder } from './inspection-events.ts';

export class Step {
  readonly actor: InspectedActor;
  readonly from: InspectedState;
  readonly to: InspectedState;
  readonly event: string;
  readonly #encoder: EventEncoder;
  #eventText: string | null = null;
  #snapshotText: string | null = null;

  constructor(actor: InspectedActor, from: InspectedState, to: InspectedState, event: string, encoder: EventEncoder) {
    this.actor = actor;
    this.from = from;
    this.to = to;
    this.event = event;
    this.#encoder = encoder;
  }

  /** It was the actor's last. */
  get isLast(): boolean {
    return this.to.snapshot.status !== 'active';
  }

  get eventText(): string {
    return (this.#eventText ??= this.#encoder.event(this.actor, this.event));
  }

  get snapshotText(): string {
    return (this.#snapshotText ??= this.#encoder.snapshot(this.actor, this.event, this.to));
  }
}

/** Somebody who is told of steps. */
export interface StepFollower {
  wants(actor: InspectedActor, from: InspectedState, to: InspectedState): boolean;
  take(step: Step): void;
  /** No step will follow; the last call. `error` when it was the follower's own that ended it. */
  end(error: unknown): void;
}
