// All topics' logs, and the bounds on them.
//
// Two orders run through everything: logs by their last publication (the stalest is forgotten when there are too many), and
// retained publications by age (the oldest goes when their bytes are too many). A hot topic cannot push out everybody else's history:
// its own `maxBytes` binds before the total does.

import type { HubLimits, PolicyTable } from './policy.ts';
import type { HeldPublication } from './publication.ts';
import { SortedNames } from './sorted-names.ts';
import { TopicLog } from './topic-log.ts';
import { TopicMemory } from './topic-memory.ts';

export interface TopicState {
  readonly log: TopicLog | undefined;
  readonly epoch: string;
  /** 0 when nothing is retained. */
  readonly oldestOffset: number;
  readonly nextOffset: number;
  /** Publications of the topic up to this sequence may be lost. */
  readonly lostSequence: number;
}

export class TopicTable {
  readonly #logs = new Map<string, TopicLog>();
  readonly #limits: HubLimits;
  readonly #policies: PolicyTable;
  readonly memory: TopicMemory;
  /** Of the topics that have a log. */
  readonly names = new SortedNames();
  /** The log published to last; `staler` leads to the others. */
  freshest: TopicLog | null = null;
  #stalest: TopicLog | null = null;
  #oldest: HeldPublication | null = null;
  #newest: HeldPublication | null = null;
  #sweepNext: TopicLog | null = null;
  historyBytes = 0;
  historyCount = 0;

  constructor(limits: HubLimits, policies: PolicyTable, random: () => number) {
    this.#limits = limits;
    this.#policies = policies;
    this.memory = new TopicMemory(limits.maxPositions, random);
  }

  get size(): number {
    return this.#logs.size;
  }

  get(topic: string): TopicLog | undefined {
    return this.#logs.get(topic);
  }

  /** Where a topic is, whether it has a log, is remembered, or nobody has published to it. The name has been checked. */
  stateOf(topic: string): TopicState {
    const log = this.#logs.get(topic);
    if (log !== undefined) {
      const { epoch, count, firstOffset, nextOffset, discardedSequence, place } = log;
      return { log, epoch, oldestOffset: count === 0 ? 0 : firstOffset, nextOffset, lostSequence: Math.max(discardedSequence, place.generation.lostSequence) };
    }
    const place = this.memory.get(topic);
    const generation = place?.generation ?? this.memory.generation;
    const lostSequence = Math.max(place?.lastSequence ?? 0, generation.lostSequence);
    return { log, epoch: generation.epochOf(topic), oldestOffset: 0, nextOffset: place?.nextOffset ?? 1, lostSequence };
  }

  /** Makes the log of a topic that has none. The name has been checked; a first publication follows at once. */
  create(topic: string): TopicLog {
    while (this.#stalest !== null && this.#logs.size >= this.#limits.maxTopics) this.forget(this.#stalest);
    const tokens = topic.split('.');
    const log = new TopicLog(this.memory.take(topic), tokens, this.#policies.resolve(tokens));
    this.#logs.set(topic, log);
    this.names.add(topic);
    this.#link(log);
    return log;
  }

  /** Appends to the log of the publication's topic and brings everything back within bounds. */
  append(log: TopicLog, publication: HeldPublication, nowMs: number): void {
    publication.appendedMs = nowMs;
    if (this.freshest !== log) {
      this.#unlink(log);
      this.#link(log);
    }
    this.memory.advance(log.place, publication.sequence);
    publication.hold();
    log.push(publication);
    this.historyCount++;
    this.historyBytes += publication.cost;
    publication.older = this.#newest;
    if (this.#newest === null) this.#oldest = publication;
    else this.#newest.newer = publication;
    this.#newest = publication;
    const { maxCount, maxBytes } = log.policy.history;
    while (log.count > maxCount || log.bytes > maxBytes) this.#discardOldestOf(log);
    this.expire(log, nowMs);
    while (this.#oldest !== null && this.historyBytes > this.#limits.maxHistoryBytes) {
      this.#discardOldestOf(this.#oldest.log ?? log);
    }
  }

  /** Lets go of what has become too old. */
  expire(log: TopicLog, nowMs: number): void {
    const oldestMs = nowMs - log.policy.history.maxAgeMs;
    for (let oldest = log.oldest(); oldest !== undefined && oldest.appendedMs < oldestMs; oldest = log.oldest()) this.#discardOldestOf(log);
  }

  /** Forgets the topic: its history and what a log costs. Its epoch and its next offset are remembered. */
  forget(log: TopicLog): void {
    while (log.count > 0) this.#discardOldestOf(log);
    this.memory.remember(log.place, log.nextOffset);
    this.#logs.delete(log.topic);
    this.names.remove(log.topic);
    this.#unlink(log);
  }

  /** Expires and forgets in up to `budget` topics, going on where the last call stopped. */
  sweep(nowMs: number, budget: number): void {
    const visits = Math.min(budget, this.#logs.size);
    for (let i = 0; i < visits; i++) {
      const log: TopicLog | null = this.#sweepNext ?? this.#stalest;
      if (log === null) return;
      this.#sweepNext = log.fresher;
      this.expire(log, nowMs);
      if (log.count === 0 && nowMs - log.lastAppendedMs > this.#limits.topicIdleMs) this.forget(log);
    }
  }

  clear(): void {
    while (this.#stalest !== null) this.forget(this.#stalest);
    this.memory.clear();
  }

  #discardOldestOf(log: TopicLog): void {
    const publication = log.shift();
    this.historyCount--;
    this.historyBytes -= publication.cost;
    const { older, newer } = publication;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    publication.older = null;
    publication.newer = null;
    publication.letGo();
  }

  #link(log: TopicLog): void {
    log.staler = this.freshest;
    if (this.freshest === null) this.#stalest = log;
    else this.freshest.fresher = log;
    this.freshest = log;
  }

  #unlink(log: TopicLog): void {
    const { staler, fresher } = log;
    if (this.#sweepNext === log) this.#sweepNext = fresher;
    if (staler === null) this.#stalest = fresher;
    else staler.fresher = fresher;
    if (fresher === null) this.freshest = staler;
    else fresher.staler = staler;
    log.staler = null;
    log.fresher = null;
  }
}
