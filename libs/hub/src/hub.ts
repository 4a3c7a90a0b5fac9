// The hub's door: publishing, joining, asking. How it works inside: core.ts, fan-out.ts, replay.ts, topic-table.ts.

import { type Bucket, type Pool, shareBytes } from '@sluice/brigade';
import { HubCore } from './core.ts';
import { HubError } from './errors.ts';
import { cursorOfLatest } from './latest.ts';
import { locateInTopic, makeGap } from './locate.ts';
import { MemberEntry } from './member.ts';
import {
  checkNumbers,
  defaultHubLimits,
  type HistoryLimits,
  type HubLimits,
  PolicyTable,
  type SlowPolicy,
  type TopicRule,
} from './policy.ts';
import { assertPosition, type Position } from './position.ts';
import { countOf, type Presence, presenceOf } from './presence.ts';
import { HeldPublication } from './publication.ts';
import type { Gap, Member, PayloadKind, Publication, PublicationEncoder, Subscriber } from './subscriber.ts';
import type { SubscriptionList } from './subscription-list.ts';
import { assertPattern, assertTopic } from './topic.ts';
import { listTopics, type TopicList, type TopicListQuery } from './topic-list.ts';

export interface HubOptions {
  /** Payloads and encodings are made in a subpool of it. When it goes, the hub goes. */
  readonly pool: Pool;
  /** Monotonic milliseconds, from anywhere: history and topics age by it. */
  readonly now: () => number;
  /** Milliseconds since 1970, for people: `publication.timeMs`, `sinceMs`. Nothing depends on it, so it may jump. */
  readonly wallClock: () => number;
  /** Numbers in [0, 1), for epochs. */
  readonly random: () => number;
  /** Settings by topic pattern; the first rule that matches and has the setting counts. */
  readonly rules?: readonly TopicRule[];
  /** For topics without a rule of their own. */
  readonly history?: Partial<HistoryLimits>;
  /** For topics without a rule of their own. Default `disconnect`. */
  readonly slow?: SlowPolicy;
  /** What a member gets that refuses a message sent by tag: eviction (default), or the message is dropped and counted. */
  readonly tagSlow?: 'disconnect' | 'drop';
  readonly limits?: Partial<HubLimits>;
  /** Told what a subscriber threw. What it throws itself is ignored. */
  readonly onFailure?: (error: unknown, subscriber: Subscriber) => void;
}

export interface HistoryQuery {
  /** Only what followed this position (of the topic, or of the hub). */
  readonly since?: Position;
  /** Default 100. Without `since` the newest so many, with it the oldest. */
  readonly limit?: number;
}

export interface History {
  /** Of the topic, also when nobody has published to it. */
  readonly epoch: string;
  /** The oldest offset retained, 0 when none is. */
  readonly oldestOffset: number;
  /** What the next publication will have; 1 when nobody has published to the topic. `{epoch, offset: nextOffset - 1}` is its position. */
  readonly nextOffset: number;
  /** Rising by offset. Borrowed: payloads and encodings are good until the next call of the hub. */
  readonly publications: readonly Publication[];
  /** What is wrong with `since`; the publications are then the oldest there are after it. */
  readonly gap: Gap | null;
}

export interface HubStats {
  readonly topics: number;
  /** Topics that were forgotten and whose positions are remembered. */
  readonly positions: number;
  readonly members: number;
  readonly subscriptions: number;
  readonly patterns: number;
  readonly tags: number;
  readonly historyCount: number;
  readonly historyBytes: number;
  readonly publications: number;
  readonly messagesByTag: number;
  /** Publications and messages that a subscriber took. */
  readonly deliveries: number;
  /** Publications lost to lagging or conflated, and messages by tag refused, over all subscribers. */
  readonly dropped: number;
  readonly evicted: number;
  /** Exceptions out of subscribers. */
  readonly failures: number;
  readonly encodingsMade: number;
  /** Publications for which the matching subscriptions had to be looked up, and the steps this took. */
  readonly matchWalks: number;
  readonly matchSteps: number;
}

export class Hub {
  readonly #core: HubCore;
  readonly #pool: Pool;
  #destroyed = false;
  #publications = 0;
  #messagesByTag = 0;

  /** Throws `configurationInvalid`, or what is wrong with a rule's pattern. */
  constructor(options: HubOptions) {
    const limits: HubLimits = { ...defaultHubLimits, ...options.limits };
    checkNumbers('limits', limits);
    if (limits.maxTopics < 1 || limits.maxReplayTopics < 1) {
      throw new HubError('configurationInvalid', 'limits: maxTopics and maxReplayTopics must be 1 or more');
    }
    const policies = new PolicyTable(options.rules ?? [], options.history ?? {}, options.slow ?? 'disconnect', limits);
    this.#pool = options.pool.subpool('hub');
    this.#core = new HubCore({
      pool: this.#pool,
      now: options.now,
      wallClock: options.wallClock,
      random: options.random,
      limits,
      policies,
      tagSlow: options.tagSlow ?? 'disconnect',
      onFailure: options.onFailure ?? (() => {}),
    });
    this.#pool.onDestroy(() => this.destroy());
  }

  /** Of hub positions: as long as the hub lives. */
  get epoch(): string {
    return this.#core.epoch;
  }

  /** "Everything published so far." Resumes any pattern, also topics nothing was published to yet. */
  get position(): Position {
    return { epoch: this.#core.epoch, offset: this.#core.sequence };
  }

  /**
   * The hub position that the last `count` retained publications of a pattern follow, in the order of publication: "history, then live" is
   * `subscribe(pattern, { since: hub.positionBeforeLatest(pattern, count), afterGap: 'ignore' })`, with no call of the hub in between. Fewer
   * follow when fewer are retained, or when they are spread over more than `maxReplayTopics` topics. Throws what is wrong with the pattern.
   */
  positionBeforeLatest(pattern: string, count: number): Position {
    const core = this.#core;
    assertPattern(pattern, core.limits);
    return { epoch: core.epoch, offset: cursorOfLatest(core, pattern, count) - 1 };
  }

  /** Registers a form of publications; answers its slot for `publication.encoding`. */
  defineEncoding(encode: PublicationEncoder): number {
    return this.#core.encodings.define(encode);
  }

  /** Takes a session in. It receives nothing before it subscribes or carries a tag. */
  join(subscriber: Subscriber): Member {
    this.#assertAlive();
    const member = new MemberEntry(this.#core, subscriber);
    this.#core.members.add(member);
    return member;
  }

  /**
   * Publishes `bytes[start, end)`, which are copied. Everybody has been served when it returns; from inside a delivery, it returns
   * first. Throws what is wrong with the topic, `payloadTooLarge`, `publishLoop`, `hubDestroyed`; nothing is published then.
   */
  publish(topic: string, bytes: Uint8Array, start: number, end: number, kind: PayloadKind): Publication {
    const core = this.#core;
    const known = core.topics.get(topic);
    if (known === undefined) assertTopic(topic, core.limits);
    const payload = this.#share(bytes, start, end);
    const log = known ?? core.topics.create(topic);
    this.#publications++;
    const timeMs = core.wallClock();
    const publication = new HeldPublication(log, null, log.nextOffset, ++core.sequence, timeMs, kind, payload, core.encodings);
    core.topics.append(log, publication, core.now());
    core.dispatch(publication);
    return publication;
  }

  /**
   * Sends `bytes[start, end)` to every member that carries the tag, and keeps nothing. Answers how many carry it.
   * Throws `payloadTooLarge`, `publishLoop`, `hubDestroyed`.
   */
  sendByTag(tag: string, bytes: Uint8Array, start: number, end: number, kind: PayloadKind): number {
    const core = this.#core;
    const carriers = core.tags.get(tag)?.live ?? 0;
    const payload = this.#share(bytes, start, end);
    const timeMs = core.wallClock();
    this.#messagesByTag++;
    core.dispatch(new HeldPublication(null, tag, 0, ++core.sequence, timeMs, kind, payload, core.encodings));
    return carriers;
  }

  /** `sendByTag` of UTF-8 text. */
  sendTextByTag(tag: string, bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    return this.sendByTag(tag, bytes, start, end, 'text');
  }

  /** `sendByTag` of anything else. */
  sendBinaryByTag(tag: string, bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    return this.sendByTag(tag, bytes, start, end, 'binary');
  }

  /** What the topic's log has. Throws when the name is no topic, or the position none (`positionInvalid`). */
  history(topic: string, query: HistoryQuery = {}): History {
    const core = this.#core;
    const limit = Math.max(0, query.limit ?? 100);
    const log = core.topics.get(topic);
    if (log === undefined) assertTopic(topic, core.limits);
    else core.topics.expire(log, core.now());
    if (query.since !== undefined) assertPosition(query.since);
    const located = query.since === undefined ? null : locateInTopic(core, topic, query.since);
    const { epoch, oldestOffset, nextOffset } = core.topics.stateOf(topic);
    const publications: Publication[] = [];
    if (log !== undefined) {
      const from = located === null ? Math.max(log.firstOffset, nextOffset - limit) : log.offsetFrom(located.cursor);
      for (let offset = from; offset < nextOffset && publications.length < limit; offset++) publications.push(log.at(offset));
    }
    const loss = located?.loss ?? null;
    const gap = loss === null ? null : makeGap(core, topic, loss, publications[0]?.sequence ?? core.sequence + 1);
    return { epoch, oldestOffset, nextOffset, publications, gap };
  }

  /**
   * The topics that have a log, by name: published to within `topicIdleMs`, or with history. Topics that only have subscriptions, or are only
   * remembered, are not among them. Throws what is wrong with the pattern.
   */
  topics(query: Partial<TopicListQuery> = {}): TopicList {
    const { pattern = '>', prefix = '', after = '', limit = 100 } = query;
    assertPattern(pattern, this.#core.limits);
    return listTopics(this.#core, { pattern, prefix, after, limit });
  }

  /** Who is subscribed to the topic, also by wildcards; up to `limit` members. Throws when the name is no topic. */
  presence(topic: string, limit = 100): Presence {
    return presenceOf(this.#listsOf(topic), limit);
  }

  /** How many subscriptions reach the topic. Costs the number of patterns that match, whatever the number of subscribers. */
  presenceCount(topic: string): number {
    return countOf(this.#listsOf(topic));
  }

  /** Lets go of history that has become too old, and of idle topics, in up to `budget` topics; the next call goes on from there. */
  sweep(budget = 1000): void {
    this.#core.topics.sweep(this.#core.now(), budget);
  }

  stats(): HubStats {
    const core = this.#core;
    return {
      topics: core.topics.size,
      positions: core.topics.memory.size,
      members: core.members.live,
      subscriptions: core.subscriptions,
      patterns: core.patterns.size,
      tags: core.tags.size,
      historyCount: core.topics.historyCount,
      historyBytes: core.topics.historyBytes,
      publications: this.#publications,
      messagesByTag: this.#messagesByTag,
      deliveries: core.deliveries,
      dropped: core.dropped,
      evicted: core.evicted,
      failures: core.failures,
      encodingsMade: core.encodings.made,
      matchWalks: core.patterns.walks,
      matchSteps: core.patterns.steps,
    };
  }

  /** Evicts all members (`hubDestroyed`) and lets go of everything. Again is harmless. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    const { members, topics, encodings } = this.#core;
    for (let last = members.entries.at(-1); last !== undefined; last = members.entries.at(-1)) last.evict('hubDestroyed');
    topics.clear();
    encodings.releaseLoose();
    this.#pool.destroy();
  }

  #listsOf(topic: string): readonly SubscriptionList[] {
    const { topics, patterns, limits } = this.#core;
    const log = topics.get(topic);
    if (log !== undefined) return patterns.matchesOf(topic, log.tokens, log);
    assertTopic(topic, limits);
    return patterns.match(topic, topic.split('.'));
  }

  #share(bytes: Uint8Array, start: number, end: number): Bucket {
    this.#assertAlive();
    const { maxPayloadBytes } = this.#core.limits;
    if (end - start > maxPayloadBytes) throw new HubError('payloadTooLarge', `${end - start} bytes, ${maxPayloadBytes} are allowed`);
    this.#core.assertMayPublish();
    return shareBytes(this.#pool, bytes, start, end);
  }

  #assertAlive(): void {
    if (this.#destroyed) throw new HubError('hubDestroyed', 'the hub is gone');
  }
}
