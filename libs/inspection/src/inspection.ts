// Where the steps of all charts come by. While nobody watches, a step costs one look at `null`. While somebody does, a step of an
// actor that nobody watches costs one question per watcher, and one that is watched is encoded once for all who do.
//
// Nothing that a watcher does reaches the actor: it is never waited for, and if its own code throws, it is ended.

import type { AnyStateMachine } from 'xstate';
import type { ActorDirectory, InspectedActor, InspectedState } from './actor.ts';
import { defaultQueueLimits, type QueueLimits } from './event-queue.ts';
import { EventEncoder } from './inspection-events.ts';
import { LiveActor, type LiveActorOptions } from './live-actor.ts';
import type { Selection } from './selection.ts';
import { Step, type StepFollower } from './step.ts';
import { Watcher } from './watcher.ts';

export interface InspectionOptions {
  /** Above all others: the supervisor. Markers of lost events are addressed to it. */
  readonly root: InspectedActor;
  readonly directory: ActorDirectory;
  /** Wall-clock time in ms since 1970. */
  readonly epochMs: () => number;
  /** Watchers and live actors at a time; past it, `watch` and `live` answer `null`. Default 16. */
  readonly maxFollowers?: number;
}

export class Inspection {
  readonly #directory: ActorDirectory;
  readonly #encoder: EventEncoder;
  readonly #maxFollowers: number;
  /** Replaced, never changed; `null` while there is nobody. */
  #followers: readonly StepFollower[] | null = null;

  constructor(options: InspectionOptions) {
    this.#directory = options.directory;
    this.#encoder = new EventEncoder(options.root, options.directory, options.epochMs);
    this.#maxFollowers = options.maxFollowers ?? 16;
  }

  /** Watchers and live actors. */
  get followers(): number {
    return this.#followers?.length ?? 0;
  }

  /** Begins to watch. Actors chosen one by one are introduced at once, all others with their next step. `null`: too many watch. */
  watch(selection: Selection, limits: QueueLimits = defaultQueueLimits): Watcher | null {
    if (this.followers >= this.#maxFollowers) return null;
    return this.#join(new Watcher(selection, limits, this.#directory, this.#encoder, (watcher) => this.#remove(watcher)));
  }

  /** Runs a real XState actor beside this one, until that ends or `stop()`. `null`: too many watch. */
  live<Machine extends AnyStateMachine>(actor: InspectedActor, machine: Machine, options: LiveActorOptions = {}): LiveActor<Machine> | null {
    if (this.followers >= this.#maxFollowers) return null;
    const live = new LiveActor(actor, machine, options, (ended) => this.#remove(ended));
    return live.isOver ? live : this.#join(live);
  }

  /** An actor's chart took a step: `ConnectionObserver.onStep`. */
  onStep(actor: InspectedActor, from: InspectedState, to: InspectedState, event: string): void {
    if (this.#followers !== null) this.#tell(this.#followers, actor, from, to, event);
  }

  #tell(followers: readonly StepFollower[], actor: InspectedActor, from: InspectedState, to: InspectedState, event: string): void {
    let step: Step | null = null;
    for (const follower of followers) {
      try {
        if (!follower.wants(actor, from, to)) continue;
        step ??= new Step(actor, from, to, event, this.#encoder);
        follower.take(step);
      } catch (error) {
        this.#remove(follower);
        follower.end(error);
      }
    }
  }

  #join<Follower extends StepFollower>(follower: Follower): Follower {
    this.#followers = [...(this.#followers ?? []), follower];
    return follower;
  }

  #remove(follower: StepFollower): void {
    const rest = this.#followers?.filter((each) => each !== follower) ?? [];
    this.#followers = rest.length === 0 ? null : rest;
  }
}
