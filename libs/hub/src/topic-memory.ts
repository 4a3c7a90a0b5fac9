// What outlives a topic's log: the place of each topic among the others, and for a forgotten topic its epoch and next offset.
//
// Each topic has a place, made with its first log. The places of all topics are linked in the order of their last publication, so it can be
// told which of them were published to after a position. When a log goes, its place stays behind ("remembered") and a later log goes on from
// it. When more than `maxPositions` are remembered, those forgotten first go, 1 in 32 at a time, and a new generation of epochs begins.

import { Generation } from './generation.ts';
import { patternMatches } from './topic.ts';

export class TopicPlace {
  readonly topic: string;
  readonly generation: Generation;
  /** Of the next publication while the topic is forgotten; 0 while it has a log, which knows. */
  nextOffset = 0;
  /** Sequence of the newest publication, 0 before the first. */
  lastSequence = 0;
  /** Neighbours in order of last publication. */
  staler: TopicPlace | null = null;
  fresher: TopicPlace | null = null;

  constructor(topic: string, generation: Generation) {
    this.topic = topic;
    this.generation = generation;
  }
}

export class TopicMemory {
  readonly #remembered = new Map<string, TopicPlace>();
  readonly #maxPositions: number;
  readonly #random: () => number;
  #generation: Generation | null = null;
  #freshest: TopicPlace | null = null;
  /** Sequence of the newest publication of any topic that is not remembered any more. */
  lostSequence = 0;

  constructor(maxPositions: number, random: () => number) {
    this.#maxPositions = maxPositions;
    this.#random = random;
  }

  /** Topics that have no log and are remembered. */
  get size(): number {
    return this.#remembered.size;
  }

  /** The generation in which a topic begins that is neither known nor remembered. */
  get generation(): Generation {
    return (this.#generation ??= new Generation(this.#random, this.lostSequence));
  }

  /** The place of a remembered topic. */
  get(topic: string): TopicPlace | undefined {
    return this.#remembered.get(topic);
  }

  /** The place for a topic's new log: where it was, or a new one. A publication follows at once. */
  take(topic: string): TopicPlace {
    const place = this.#remembered.get(topic);
    if (place !== undefined) {
      this.#remembered.delete(topic);
      return place;
    }
    const created = new TopicPlace(topic, this.generation);
    this.#link(created);
    return created;
  }

  /** There is a publication of the topic, newer than all others. */
  advance(place: TopicPlace, sequence: number): void {
    place.lastSequence = sequence;
    if (this.#freshest === place) return;
    this.#unlink(place);
    this.#link(place);
  }

  /** The topic's log goes, and its place is kept. */
  remember(place: TopicPlace, nextOffset: number): void {
    place.nextOffset = nextOffset;
    this.#remembered.set(place.topic, place);
    if (this.#remembered.size <= this.#maxPositions) return;
    let surplus = this.#remembered.size - this.#maxPositions + (this.#maxPositions >> 5);
    for (const oldest of this.#remembered.values()) {
      if (surplus-- <= 0) break;
      this.#remembered.delete(oldest.topic);
      this.#unlink(oldest);
      this.lostSequence = Math.max(this.lostSequence, oldest.lastSequence);
    }
    this.#generation = null;
  }

  /** Whether a forgotten topic that matches had a publication of that sequence or later. Walks the topics published to since then. */
  hasForgottenSince(pattern: readonly string[], sequence: number): boolean {
    if (this.lostSequence >= sequence) return true;
    for (let place = this.#freshest; place !== null && place.lastSequence >= sequence; place = place.staler) {
      if (place.nextOffset > 0 && patternMatches(pattern, place.topic.split('.'))) return true;
    }
    return false;
  }

  clear(): void {
    this.#remembered.clear();
    this.#freshest = null;
  }

  #link(place: TopicPlace): void {
    place.staler = this.#freshest;
    if (this.#freshest !== null) this.#freshest.fresher = place;
    this.#freshest = place;
  }

  #unlink(place: TopicPlace): void {
    const { staler, fresher } = place;
    if (staler !== null) staler.fresher = fresher;
    if (fresher === null) this.#freshest = staler;
    else fresher.staler = staler;
    place.staler = null;
    place.fresher = null;
  }
}
