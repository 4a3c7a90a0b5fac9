// What the parts of a hub share: its tables, the sequence of publications, and the rule that deliveries never nest.
//
// A publication made during a delivery gets its offset and its place in the log at once and waits in `#pending`; the outermost call
// delivers what waits, in order, before it returns. `current` is the sequence of the publication being delivered (or delivered last):
// up to it everything is the past, and comes to whoever needs it from the logs; what is after it will come by fan-out.

import type { Pool } from '@sluice/brigade';
import { HubError } from './errors.ts';
import { fanOut, fanOutByTag } from './fan-out.ts';
import { FlatList } from './flat-list.ts';
import type { MemberEntry } from './member.ts';
import { PatternIndex } from './pattern-index.ts';
import type { HubLimits, PolicyTable } from './policy.ts';
import { assertPosition, epochText, isHubPosition, randomWord } from './position.ts';
import { EncodingTable, type HeldPublication } from './publication.ts';
import { replay, startFrom } from './replay.ts';
import type { EvictReason, SubscribeOptions, Subscriber } from './subscriber.ts';
import { SubscriptionEntry } from './subscription.ts';
import { SubscriptionList } from './subscription-list.ts';
import { TagIndex } from './tag-index.ts';
import { assertPattern, hasWildcard } from './topic.ts';
import { TopicTable } from './topic-table.ts';

export interface HubCoreOptions {
  readonly pool: Pool;
  readonly now: () => number;
  readonly wallClock: () => number;
  readonly random: () => number;
  readonly limits: HubLimits;
  readonly policies: PolicyTable;
  /** What a member gets that refuses a message sent by tag. */
  readonly tagSlow: 'disconnect' | 'drop';
  readonly onFailure: (error: unknown, subscriber: Subscriber) => void;
}

export class HubCore {
  readonly limits: HubLimits;
  readonly policies: PolicyTable;
  readonly tagSlow: 'disconnect' | 'drop';
  readonly now: () => number;
  readonly wallClock: () => number;
  readonly epoch: string;
  readonly topics: TopicTable;
  readonly patterns = new PatternIndex();
  readonly tags = new TagIndex();
  readonly members = new FlatList<MemberEntry>();
  readonly encodings: EncodingTable;
  /** Sequence of the newest publication or message, and of the one being delivered. */
  sequence = 0;
  current = 0;
  subscriptions = 0;
  deliveries = 0;
  dropped = 0;
  evicted = 0;
  failures = 0;
  readonly #onFailure: (error: unknown, subscriber: Subscriber) => void;
  #depth = 0;
  #nested = 0;
  #pending: HeldPublication[] = [];

  constructor(options: HubCoreOptions) {
    this.limits = options.limits;
    this.policies = options.policies;
    this.tagSlow = options.tagSlow;
    this.epoch = epochText('h', randomWord(options.random), randomWord(options.random));
    this.topics = new TopicTable(options.limits, options.policies, options.random);
    this.encodings = new EncodingTable(options.pool);
    this.now = options.now;
    this.wallClock = options.wallClock;
    this.#onFailure = options.onFailure;
  }

  /** Throws `publishLoop` when subscribers have made too many publications during one call. */
  assertMayPublish(): void {
    if (this.#depth > 0 && this.#nested >= this.limits.maxNestedPublications) {
      throw new HubError('publishLoop', `subscribers made ${this.#nested} publications in answer to one`);
    }
  }

  /** Delivers a publication of the newest sequence, now or when it is its turn. Takes over the maker's hold. */
  dispatch(publication: HeldPublication): void {
    if (this.#depth > 0) {
      this.#nested++;
      this.#pending.push(publication);
      return;
    }
    this.enter();
    this.#deliver(publication);
    this.exit();
  }

  /** Every call that calls subscribers runs between `enter` and `exit`. */
  enter(): void {
    if (this.#depth++ === 0) this.encodings.releaseLoose();
  }

  exit(): void {
    if (this.#depth === 1 && this.#pending.length > 0) this.#deliverPending();
    this.#depth--;
  }

  subscribe(member: MemberEntry, pattern: string, options: SubscribeOptions): SubscriptionEntry {
    assertPattern(pattern, this.limits);
    const { since } = options;
    if (since !== undefined) assertPosition(since);
    if (since !== undefined && !isHubPosition(since) && hasWildcard(pattern)) {
      throw new HubError('positionKindMismatch', `${pattern} can be resumed from a hub position only`);
    }
    let list = this.patterns.get(pattern);
    if (list === undefined) {
      list = new SubscriptionList(pattern);
      this.patterns.add(list);
      this.#forgetMatches(list);
    }
    const subscription = new SubscriptionEntry(member, list, this.wallClock());
    subscription.cursor = this.sequence;
    list.add(subscription);
    member.begin(subscription);
    this.subscriptions++;
    if (since !== undefined) startFrom(this, subscription, since, options.afterGap ?? 'live');
    return subscription;
  }

  /** Called by the member, which has taken it out of its own list. */
  unsubscribe(subscription: SubscriptionEntry): void {
    const { list } = subscription;
    subscription.phase = 'ended';
    list.remove(subscription);
    this.subscriptions--;
    if (list.live > 0) return;
    this.patterns.remove(list);
    this.#forgetMatches(list);
  }

  resume(subscription: SubscriptionEntry): void {
    replay(this, subscription, true);
  }

  /** A subscriber threw: it goes, the others go on. */
  fail(member: MemberEntry, error: unknown): void {
    this.#report(error, member.subscriber);
    member.evict('failed');
  }

  tellEvicted(subscriber: Subscriber, reason: EvictReason): void {
    this.evicted++;
    this.enter();
    try {
      subscriber.evict(reason);
    } catch (error) {
      this.#report(error, subscriber);
    }
    this.exit();
  }

  #deliver(publication: HeldPublication): void {
    this.current = publication.sequence;
    publication.beginDelivery();
    if (publication.tag === null) fanOut(this, publication);
    else fanOutByTag(this, publication, publication.tag);
    publication.endDelivery();
    publication.letGo();
  }

  #deliverPending(): void {
    // What subscribers publish meanwhile joins the same queue.
    for (let i = 0; i < this.#pending.length; i++) this.#deliver(this.#pending[i]);
    this.#pending = [];
    this.#nested = 0;
  }

  #forgetMatches(list: SubscriptionList): void {
    if (list.isWildcard) return;
    const log = this.topics.get(list.pattern);
    if (log !== undefined) log.matches = null;
  }

  #report(error: unknown, subscriber: Subscriber): void {
    this.failures++;
    try {
      this.#onFailure(error, subscriber);
    } catch {
      // A reporter that fails must not break the delivery to others; `failures` has counted.
    }
  }
}
