// What the hub should do, said as plainly as possible: every publication ever made in one array, a queue per subscription, and every
// question answered by looking through all of it.

import type { EvictReason, SlowPolicy } from '../src/index.ts';

export interface ModelSettings {
  readonly maxCount: number;
  readonly maxAgeMs: number;
  readonly maxTotal: number;
  readonly maxTopics: number;
  readonly maxPositions: number;
  readonly topicIdleMs: number;
  slow(topic: string): SlowPolicy;
}

interface Item {
  readonly topic: string;
  /** Of the topic: what an epoch stands for. */
  readonly life: string;
  readonly offset: number;
  readonly sequence: number;
  readonly timeMs: number;
  retained: boolean;
}

interface Topic {
  readonly life: string;
  readonly name: string;
  /** Publications of an earlier life may have gone up to this sequence. */
  readonly lostBefore: number;
  nextOffset: number;
  lastMs: number;
}

export interface ModelMember {
  window: number;
  left: boolean;
  readonly subscriptions: ModelSubscription[];
}

export interface ModelSubscription {
  readonly pattern: string;
  readonly member: ModelMember;
  state: 'live' | 'catchingUp' | 'lagging' | 'ended';
  queue: Item[];
  /** Sequence of the next publication it waits for. */
  cursor: number;
  /** As the recorder's log. Losses while behind are `lost:n`. */
  readonly log: string[];
}

export class Model {
  readonly #settings: ModelSettings;
  readonly items: Item[] = [];
  readonly members: ModelMember[] = [];
  /** Known topics, the one published to last at the end. */
  topics: Topic[] = [];
  nowMs = 0;
  /** Forgotten topics, the one forgotten last at the end. */
  #remembered: Topic[] = [];
  /** How often remembered topics were dropped: a topic that begins anew after that has another epoch. */
  #era = 0;
  #lostSequence = 0;

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  matches(pattern: string, topic: string): boolean {
    const form = pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace('>', '.+');
    return new RegExp(`^${form}$`).test(topic);
  }

  publish(name: string): void {
    if (!this.topics.some((known) => known.name === name)) {
      while (this.topics.length >= this.#settings.maxTopics) this.#forget(this.topics[0]);
    }
    const topic = this.stateOf(name);
    this.#remembered = this.#remembered.filter((known) => known !== topic);
    this.topics = [...this.topics.filter((known) => known !== topic), topic];
    const sequence = this.items.length + 1;
    const item = { topic: name, life: topic.life, offset: topic.nextOffset++, sequence, timeMs: this.nowMs, retained: true };
    topic.lastMs = this.nowMs;
    this.items.push(item);
    for (const old of this.#retained(name).slice(0, -this.#settings.maxCount)) old.retained = false;
    this.age();
    for (const old of this.items.filter((each) => each.retained).slice(0, -this.#settings.maxTotal)) old.retained = false;
    for (const member of this.members) {
      for (const subscription of member.subscriptions) if (this.matches(subscription.pattern, name)) this.#offer(subscription, item);
    }
  }

  age(): void {
    for (const item of this.items) if (item.timeMs < this.nowMs - this.#settings.maxAgeMs) item.retained = false;
  }

  sweep(): void {
    this.age();
    for (const topic of this.topics) {
      if (this.#retained(topic.name).length === 0 && this.nowMs - topic.lastMs > this.#settings.topicIdleMs) this.#forget(topic);
    }
  }

  /** Where a topic is; of one that nobody has published to (in this era), where it would begin. */
  stateOf(name: string): Topic {
    const known = [...this.topics, ...this.#remembered].find((topic) => topic.name === name);
    return known ?? { life: `${name}@${this.#era}`, name, lostBefore: this.#lostSequence, nextOffset: 1, lastMs: 0 };
  }

  /** A position as the model means it: the topic's life (or `hub`) in place of an epoch. */
  subscribe(member: ModelMember, pattern: string, since: { of: string; offset: number } | null, afterGap: 'live' | 'oldest'): ModelSubscription {
    const subscription: ModelSubscription = { pattern, member, state: 'live', queue: [], cursor: 0, log: [] };
    member.subscriptions.push(subscription);
    if (since === null) return subscription;
    this.age();
    const { wanted, gap } = since.of === 'hub' ? this.#afterSequence(pattern, since.offset) : this.#afterOffset(pattern, since.of, since.offset);
    if (gap !== '') subscription.log.push(gap);
    if (gap !== '' && afterGap === 'live') return subscription;
    this.#catchUp(subscription, wanted);
    return subscription;
  }

  /** The last `count` of what is retained, then live. */
  subscribeLatest(member: ModelMember, pattern: string, count: number): ModelSubscription {
    const subscription: ModelSubscription = { pattern, member, state: 'live', queue: [], cursor: 0, log: [] };
    member.subscriptions.push(subscription);
    this.age();
    const there = this.items.filter((item) => item.retained && this.matches(pattern, item.topic));
    this.#catchUp(subscription, there.slice(Math.max(0, there.length - count)));
    return subscription;
  }

  resume(subscription: ModelSubscription): void {
    if (subscription.state === 'catchingUp' || subscription.state === 'lagging') this.#drain(subscription, true);
  }

  end(subscription: ModelSubscription): void {
    subscription.state = 'ended';
    subscription.queue = [];
    const { subscriptions } = subscription.member;
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
  }

  leave(member: ModelMember): void {
    member.left = true;
    while (member.subscriptions.length > 0) this.end(member.subscriptions[0]);
  }

  retainedOffsets(name: string): number[] {
    return this.#retained(name).map((item) => item.offset);
  }

  #catchUp(subscription: ModelSubscription, wanted: Item[]): void {
    if (wanted.length === 0) return;
    subscription.state = 'catchingUp';
    subscription.queue = wanted;
    subscription.cursor = wanted[0].sequence;
    this.#drain(subscription, false);
  }

  #retained(name: string): Item[] {
    return this.items.filter((item) => item.topic === name && item.retained);
  }

  #forget(topic: Topic): void {
    for (const item of this.#retained(topic.name)) item.retained = false;
    this.topics = this.topics.filter((known) => known !== topic);
    this.#remembered.push(topic);
    while (this.#remembered.length > this.#settings.maxPositions) {
      const dropped = this.#remembered.shift();
      const last = this.items.findLast((item) => item.life === dropped?.life);
      this.#lostSequence = Math.max(this.#lostSequence, last?.sequence ?? 0);
      this.#era++;
    }
  }

  #afterOffset(name: string, life: string, offset: number): { wanted: Item[]; gap: string } {
    const topic = this.stateOf(name);
    const retained = this.#retained(name);
    if (topic.life !== life) return { wanted: retained, gap: 'gap:epochChanged:-1' };
    if (offset >= topic.nextOffset) return { wanted: retained, gap: 'gap:inFuture:-1' };
    const after = this.items.filter((item) => item.life === life && item.offset > offset);
    const lost = after.filter((item) => !item.retained).length;
    return { wanted: after.filter((item) => item.retained), gap: lost > 0 ? `gap:tooOld:${lost}` : '' };
  }

  #afterSequence(pattern: string, sequence: number): { wanted: Item[]; gap: string } {
    if (sequence > this.items.length) {
      return { wanted: this.items.filter((item) => item.retained && this.matches(pattern, item.topic)), gap: 'gap:inFuture:-1' };
    }
    const after = this.items.filter((item) => item.sequence > sequence && this.matches(pattern, item.topic));
    const known = after.filter((item) => this.stateOf(item.topic).life === item.life);
    const lostBefore = /[*>]/.test(pattern) ? this.#lostSequence : this.stateOf(pattern).lostBefore;
    const lost = known.some((item) => !item.retained) || lostBefore > sequence;
    return { wanted: after.filter((item) => item.retained), gap: lost ? 'gap:tooOld:-1' : '' };
  }

  #offer(subscription: ModelSubscription, item: Item): void {
    const strict = this.#settings.slow(item.topic) === 'disconnect';
    if (subscription.state === 'live') {
      if (this.#take(subscription, item)) return;
      if (strict) this.#evict(subscription.member, 'slowConsumer');
      else Object.assign(subscription, { state: 'lagging', queue: [item], cursor: item.sequence });
    } else if (strict && subscription.state === 'lagging') {
      this.#evict(subscription.member, 'slowConsumer');
    } else if (subscription.state !== 'ended') {
      subscription.queue.push(item);
      const exact = subscription.pattern === item.topic;
      if (strict && exact && this.#hasLost(item, subscription.cursor)) this.#evict(subscription.member, 'gap');
    }
  }

  #hasLost({ life }: { life: string }, cursor: number): boolean {
    return this.items.some((item) => item.life === life && !item.retained && item.sequence >= cursor);
  }

  #take(subscription: ModelSubscription, item: Item): boolean {
    if (subscription.member.window <= 0) return false;
    subscription.member.window--;
    subscription.log.push(`${item.topic}:${item.offset}`);
    return true;
  }

  #drain(subscription: ModelSubscription, conflating: boolean): void {
    this.age();
    // What lies before the cursor was passed over in favour of a later one of its topic.
    const gone = subscription.queue.filter((item) => !item.retained || item.sequence < subscription.cursor);
    const lost = gone.length;
    if (lost > 0) {
      const exact = !/[*>]/.test(subscription.pattern);
      const strict = exact
        ? this.#settings.slow(subscription.pattern) === 'disconnect'
        : this.topics.some((topic) => this.#settings.slow(topic.name) === 'disconnect'
            && this.matches(subscription.pattern, topic.name)
            && this.#hasLost(topic, subscription.cursor));
      if (strict) {
        this.#evict(subscription.member, 'gap');
        return;
      }
      subscription.queue = subscription.queue.filter((item) => !gone.includes(item));
      subscription.log.push(`lost:${lost}`);
    }
    for (const item of subscription.queue) {
      if (conflating && this.#settings.slow(item.topic) === 'conflate') {
        const same = subscription.queue.filter((each) => each.topic === item.topic);
        if (same.at(-1) !== item) continue;
        if (same.length > 1) subscription.log.push(`lost:${same.length - 1}`);
        subscription.queue = subscription.queue.filter((each) => each === item || each.topic !== item.topic);
      }
      subscription.cursor = item.sequence;
      if (!this.#take(subscription, item)) return;
      subscription.queue = subscription.queue.filter((each) => each !== item);
    }
    subscription.state = 'live';
  }

  #evict(member: ModelMember, reason: EvictReason): void {
    for (const subscription of member.subscriptions) subscription.log.push(`evict:${reason}`);
    this.leave(member);
  }
}

/** Losses told in pieces count as one; which of the two reasons they have is a matter of the policies involved. */
export function normalised(log: readonly string[]): string[] {
  const result: string[] = [];
  let lost = 0;
  for (const entry of [...log, '']) {
    const loss = /^(?:lost|gap:dropped|gap:conflated):(\d+)$/.exec(entry);
    if (loss !== null) {
      lost += Number(loss[1]);
      continue;
    }
    if (lost > 0) result.push(`lost:${lost}`);
    lost = 0;
    if (entry !== '') result.push(entry);
  }
  return result;
}

