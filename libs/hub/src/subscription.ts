// A subscription as the hub holds it.
//
// Live, it is an entry in its pattern's list. Behind, it is also two numbers: `cursor`, the sequence from which on it needs
// publications, and `mark`, the value of its list's `passed` up to which it is served. `passed − mark` is what it is owed.

import type { MemberEntry } from './member.ts';
import type { Subscriber, Subscription, SubscriptionState } from './subscriber.ts';
import type { SubscriptionList } from './subscription-list.ts';
import type { Slotted } from './flat-list.ts';

/**
 * `fresh` is live from the first publication on whose sequence is above `cursor`: everything up to that it has had, or
 * came before it. It keeps what is queued behind the current delivery apart from what is new.
 */
export type Phase = 'fresh' | SubscriptionState;

export class SubscriptionEntry implements Subscription, Slotted {
  readonly subscriber: Subscriber;
  readonly member: MemberEntry;
  readonly list: SubscriptionList;
  readonly sinceMs: number;
  phase: Phase = 'fresh';
  slot = -1;
  /** Index among its member's subscriptions. */
  memberSlot = -1;
  cursor = 0;
  mark = 0;
  dropped = 0;
  replaying = false;

  constructor(member: MemberEntry, list: SubscriptionList, sinceMs: number) {
    this.subscriber = member.subscriber;
    this.member = member;
    this.list = list;
    this.sinceMs = sinceMs;
  }

  get pattern(): string {
    return this.list.pattern;
  }

  get state(): SubscriptionState {
    return this.phase === 'fresh' ? 'live' : this.phase;
  }

  get isBehind(): boolean {
    return this.phase === 'catchingUp' || this.phase === 'lagging';
  }

  resume(): void {
    if (this.isBehind && !this.replaying) this.member.core.resume(this);
  }

  unsubscribe(): void {
    if (this.phase !== 'ended') this.member.end(this);
  }
}
