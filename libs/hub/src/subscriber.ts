// The contract between the hub and whoever receives: the session implements `Subscriber`, the hub hands out `Member`,
// `Subscription` and, in `deliver`, `Publication`.

import type { Bucket, Pool } from '@sluice/brigade';
import type { Position } from './position.ts';

export type PayloadKind = 'text' | 'binary';

/**
 * One message. Valid during the `deliver` (or up to the next call of the hub, from `history`); whoever wants the bytes
 * longer retains a bucket. The scalar fields stay readable for good.
 */
export interface Publication {
  /** The topic, or `''` for a message sent by tag. */
  readonly topic: string;
  /** The tag it was sent to, or `null` for a publication. */
  readonly tag: string | null;
  /** Of the topic's log, or `''` for a message sent by tag. */
  readonly epoch: string;
  /** From 1 in each epoch, without holes; 0 for a message sent by tag. */
  readonly offset: number;
  /** Place among all publications of the hub, from 1; rising, also across topics. With `hub.epoch` it makes a hub position. */
  readonly sequence: number;
  /** When it was published, in ms since 1970: a label, by a clock that may jump. */
  readonly timeMs: number;
  readonly kind: PayloadKind;
  /** The payload as a shared bucket; it is `payload.bytes[payload.start, payload.start + payload.length)`. Borrowed. */
  readonly payload: Bucket;
  /**
   * The publication in the form of an encoding defined before: made by the first who asks, then the same bucket for
   * everybody. Borrowed: `brigade.append(publication.encoding(slot).retain())`. Throws what the encoder throws.
   */
  encoding(slot: number): Bucket;
}

/** Makes one shared bucket from a publication, once whatever the number of receivers. Holds exactly one reference for the hub. */
export type PublicationEncoder = (publication: Publication, pool: Pool) => Bucket;

/** Why the hub let a member go. */
export type EvictReason =
  /** Its window was full when a topic of policy `disconnect` had something for it. */
  | 'slowConsumer'
  /** It was catching up on a topic of policy `disconnect`, and the log lost what it still needed. */
  | 'gap'
  /** Its own `deliver` or `gap` threw. */
  | 'failed'
  /** Somebody called `member.evict()`. */
  | 'evicted'
  /** The hub was destroyed. */
  | 'hubDestroyed';

/** Why a subscription misses something. */
export type GapReason =
  /** The position is of another epoch: the hub restarted in between, or no longer remembers the topic of that time. */
  | 'epochChanged'
  /** The log does not reach back to the position. */
  | 'tooOld'
  /** The position was never given out. */
  | 'inFuture'
  /** Policy `dropOldest`: the log did not last while the subscriber lagged. */
  | 'dropped'
  /** Policy `conflate`: older publications were passed over. */
  | 'conflated'
  /** A wildcard subscription had more topics to catch up on than `maxReplayTopics`; the least recent were passed over. */
  | 'tooManyTopics';

/** Told before the first publication that follows the hole. */
export interface Gap {
  readonly reason: GapReason;
  /** Where the hole is; `''` when it may be in several topics of a wildcard subscription. */
  readonly topic: string;
  /** The topic's epoch now; `''` with `topic: ''`. */
  readonly epoch: string;
  /** The oldest offset that `history` still has; 0 when it has none, or with `topic: ''`. */
  readonly oldestOffset: number;
  /** How many publications are missing, or −1 when that cannot be known. */
  readonly missed: number;
  /** Where the subscription goes on. Who resumes from here is not told of this gap again. A hub position. */
  readonly position: Position;
}

/** What a session implements. The hub calls it synchronously; it may call anything of the hub in return. */
export interface Subscriber {
  readonly id: string;
  /** What `presence` tells about it: any JSON value, `null` for nothing. */
  readonly info: unknown;
  /**
   * Takes the publication and answers `true`, or refuses it and answers `false`: the outbound window is full. What was refused
   * was not taken: the topic's slow policy decides what comes of it. A subscriber whose window is empty must not refuse.
   * `subscription` is `null` for a message sent by tag. May be called before `subscribe` has returned (replay).
   */
  deliver(publication: Publication, subscription: Subscription | null): boolean;
  /** Something is missing before the next publication of this subscription. Cannot be refused. */
  gap(gap: Gap, subscription: Subscription): void;
  /** The hub has let go of it: no subscription, no tag, nothing more will be delivered. The session closes its connection. */
  evict(reason: EvictReason): void;
}

export type SubscriptionState =
  /** Publications are delivered as they come. */
  | 'live'
  /** Replaying from a position; its window filled up on the way. */
  | 'catchingUp'
  /** It refused a live publication of policy `dropOldest` or `conflate`. */
  | 'lagging'
  | 'ended';

export interface Subscription {
  readonly pattern: string;
  readonly subscriber: Subscriber;
  readonly member: Member;
  readonly state: SubscriptionState;
  /** When it began, in ms since 1970: a label, by a clock that may jump. */
  readonly sinceMs: number;
  /** Publications lost to lagging so far (dropped or conflated). */
  readonly dropped: number;
  /**
   * The window has room again: a subscription that is lagging or catching up goes on from the log, at once. Nothing when it is
   * live or ended, and from inside its own `deliver` or `gap`.
   */
  resume(): void;
  /** Ends it: nothing is delivered any more. Again is harmless. */
  unsubscribe(): void;
}

/**
 * After a gap at the start, `live` delivers only what is published from now on, `oldest` everything the log has, too. `ignore` delivers as
 * `oldest` does and does not call `gap`: for a subscriber that wants what there is, and is owed nothing.
 */
export type AfterGap = 'live' | 'oldest' | 'ignore';

export interface SubscribeOptions {
  /**
   * Replays what followed this position, then goes on live. A topic's position needs a pattern without wildcards (else
   * `positionKindMismatch`); a hub position fits every pattern.
   */
  readonly since?: Position;
  /** What a gap at the start means, see `AfterGap`. Default `live`. */
  readonly afterGap?: AfterGap;
}

/** One session's membership in the hub; its subscriptions and tags end with it. */
export interface Member {
  readonly subscriber: Subscriber;
  readonly left: boolean;
  readonly subscriptionCount: number;
  readonly tags: readonly string[];
  /** Throws `memberLeft`, `tooManySubscriptions`, `positionKindMismatch`, `positionInvalid`, or what is wrong with the pattern. */
  subscribe(pattern: string, options?: SubscribeOptions): Subscription;
  /** Throws `memberLeft`, `tooManyTags`, `tagInvalid`. Again is harmless. */
  addTag(tag: string): void;
  removeTag(tag: string): void;
  /** All its subscriptions: what to call when the session's window has drained. */
  resumeAll(): void;
  /** Ends everything, without a call of the subscriber. Again is harmless. */
  leave(): void;
  /** `leave`, and the subscriber is told. */
  evict(reason?: EvictReason): void;
}
