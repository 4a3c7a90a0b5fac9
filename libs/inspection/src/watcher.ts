// One who watches: a page, a terminal, an inspector of XState. Steps of the selected actors wait here as JSON texts until they are
// taken; the taker's window sets the pace, and what it is too slow for is lost (see event-queue.ts).
//
// An actor is introduced, its parents first, before its first event; after a loss each is introduced again, because an introduction
// may be among what was lost.

import { lineage, type ActorDirectory, type InspectedActor, type InspectedState } from './actor.ts';
import { EventQueue, type QueueLimits } from './event-queue.ts';
import type { EventEncoder } from './inspection-events.ts';
import { Selector, type Selection } from './selection.ts';
import type { Step, StepFollower } from './step.ts';

export class Watcher implements StepFollower {
  /**
   * There is something to take, and there was nothing; or nothing will come any more (`isOver`). Called inside a step of an actor's
   * chart: note it, and take at the end of the turn.
   */
  onReadable: (() => void) | null = null;
  /** What ended it, if that was an exception of its own callback or of the directory. */
  error: unknown = null;
  readonly #selector: Selector;
  readonly #directory: ActorDirectory;
  readonly #encoder: EventEncoder;
  readonly #queue: EventQueue;
  readonly #leave: (watcher: Watcher) => void;
  #introduced = new WeakSet<InspectedActor>();
  #closed = false;

  /** Made by `Inspection.watch`. */
  constructor(selection: Selection, limits: QueueLimits, directory: ActorDirectory, encoder: EventEncoder, leave: (watcher: Watcher) => void) {
    this.#selector = new Selector(selection, directory);
    this.#directory = directory;
    this.#encoder = encoder;
    this.#queue = new EventQueue(limits, (count) => encoder.lost(count));
    this.#leave = leave;
    for (const actor of this.#selector.chosen ?? []) {
      this.#introduce(actor);
      if (actor.getSnapshot().status !== 'active') this.#selector.chosen?.delete(actor);
    }
  }

  /** Events lost so far. Each is also told in place, by a marker (`lostEventType`). */
  get lost(): number {
    return this.#queue.lost;
  }

  get queuedEvents(): number {
    return this.#queue.count;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Nothing will come any more: it is closed, or each of the chosen actors has ended and all of it is taken. */
  get isOver(): boolean {
    return this.#closed || (this.#selector.chosen?.size === 0 && this.#queue.isEmpty);
  }

  /** The oldest event, as JSON in ASCII, or `null`. */
  next(): string | null {
    return this.#queue.take();
  }

  close(): void {
    if (this.#closed) return;
    this.#leave(this);
    this.end(null);
  }

  // The inspection's side.

  wants(actor: InspectedActor, from: InspectedState, to: InspectedState): boolean {
    const wanted = this.#selector.matches(actor, from, to);
    if (!wanted && to.snapshot.status !== 'active' && this.#selector.chosen?.delete(actor) === true && this.isOver) this.onReadable?.();
    return wanted;
  }

  take(step: Step): void {
    if (step.isLast) this.#selector.chosen?.delete(step.actor);
    if (this.#queue.isLosing) {
      // Nothing is encoded for one that is too slow.
      this.#queue.lose(2);
      return;
    }
    const wasEmpty = this.#queue.isEmpty;
    this.#introduce(step.actor, step);
    this.#offer(step.eventText);
    this.#offer(step.snapshotText);
    if (wasEmpty) this.onReadable?.();
  }

  end(error: unknown): void {
    this.#closed = true;
    this.error = error;
    this.#queue.clear();
  }

  /** With a step at hand, the actor is shown in the state the step began in. */
  #introduce(actor: InspectedActor, step?: Step): void {
    if (this.#introduced.has(actor)) return;
    for (const each of lineage(actor, this.#directory)) {
      if (this.#introduced.has(each)) continue;
      const state = each === step?.actor ? step.from : null;
      if (this.#offer(this.#encoder.actor(each, state))) this.#introduced.add(each);
    }
  }

  #offer(text: string): boolean {
    const taken = this.#queue.offer(text);
    if (!taken) this.#introduced = new WeakSet();
    return taken;
  }
}
