// One topic's log: a ring of the newest publications, without holes in their offsets, oldest first.
//
// Invariant: nextOffset − count = firstOffset; the publication of offset o is at ring[(head + o − firstOffset) mod size]; sequences rise with offsets.

import type { MatchMemory } from './pattern-index.ts';
import type { TopicPolicy } from './policy.ts';
import type { HeldPublication } from './publication.ts';
import type { SubscriptionList } from './subscription-list.ts';
import type { TopicPlace } from './topic-memory.ts';

const smallestRing = 4;

export class TopicLog implements MatchMemory {
  readonly place: TopicPlace;
  readonly topic: string;
  readonly epoch: string;
  readonly tokens: readonly string[];
  readonly policy: TopicPolicy;
  /** Retained publications, and what they cost in bytes. */
  count = 0;
  bytes = 0;
  nextOffset: number;
  /** Sequence of the newest publication, 0 before the first. */
  lastSequence: number;
  /** Sequence of the newest publication no longer retained, 0 when all are. */
  discardedSequence: number;
  /** When the newest publication was appended, by the monotonic clock; and its `timeMs`. */
  lastAppendedMs = 0;
  lastTimeMs = 0;
  /** Neighbours in order of last publication. */
  staler: TopicLog | null = null;
  fresher: TopicLog | null = null;
  matches: readonly SubscriptionList[] | null = null;
  matchGeneration = -1;
  #ring: (HeldPublication | undefined)[] = [];
  #head = 0;

  /** Goes on where the topic was when it was forgotten, or begins. */
  constructor(place: TopicPlace, tokens: readonly string[], policy: TopicPolicy) {
    this.place = place;
    this.topic = place.topic;
    this.epoch = place.generation.epochOf(place.topic);
    this.tokens = tokens;
    this.policy = policy;
    this.nextOffset = Math.max(1, place.nextOffset);
    this.lastSequence = place.lastSequence;
    this.discardedSequence = place.lastSequence;
    place.nextOffset = 0;
  }

  /** The oldest offset retained; `nextOffset` when none is. */
  get firstOffset(): number {
    return this.nextOffset - this.count;
  }

  oldest(): HeldPublication | undefined {
    return this.count === 0 ? undefined : this.#ring[this.#head];
  }

  /** The publication of a retained offset, `firstOffset` ≤ offset < `nextOffset`. */
  at(offset: number): HeldPublication {
    const index = offset - this.firstOffset;
    if (index < 0 || index >= this.count) throw new RangeError(`offset ${offset} of ${this.topic} is not retained`);
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)] as HeldPublication;
  }

  /** The smallest retained offset whose sequence is `sequence` or more; `nextOffset` when there is none. */
  offsetFrom(sequence: number): number {
    if (sequence > this.lastSequence) return this.nextOffset;
    let low = this.firstOffset;
    let high = this.nextOffset;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle).sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Appends the publication of `nextOffset`. */
  push(publication: HeldPublication): void {
    if (this.count === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.count) & (this.#ring.length - 1)] = publication;
    this.count++;
    this.bytes += publication.cost;
    this.nextOffset = publication.offset + 1;
    this.lastSequence = publication.sequence;
    this.lastAppendedMs = publication.appendedMs;
    this.lastTimeMs = publication.timeMs;
  }

  /** Takes the oldest out. */
  shift(): HeldPublication {
    const publication = this.at(this.firstOffset);
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.count--;
    this.bytes -= publication.cost;
    this.discardedSequence = publication.sequence;
    if (this.count === 0 && this.#ring.length > smallestRing) {
      this.#ring = [];
      this.#head = 0;
    }
    return publication;
  }

  #grow(): void {
    const size = Math.max(smallestRing, this.#ring.length * 2);
    const ring = Array.from<HeldPublication | undefined>({ length: size });
    for (let i = 0; i < this.count; i++) ring[i] = this.#ring[(this.#head + i) & (this.#ring.length - 1)];
    this.#ring = ring;
    this.#head = 0;
  }
}
