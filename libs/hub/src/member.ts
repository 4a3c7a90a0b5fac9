// A member as the hub holds it: its subscriptions in a flat array, its tags in a small map made with the first one.

import type { HubCore } from './core.ts';
import { HubError } from './errors.ts';
import type { Slotted } from './flat-list.ts';
import type { EvictReason, Member, SubscribeOptions, Subscriber, Subscription } from './subscriber.ts';
import type { SubscriptionEntry } from './subscription.ts';
import { assertTag, type Tagging } from './tag-index.ts';

const noTags: readonly string[] = [];
const noSubscriptions: SubscriptionEntry[] = [];

export class MemberEntry implements Member, Slotted {
  readonly core: HubCore;
  readonly subscriber: Subscriber;
  slot = -1;
  left = false;
  #subscriptions: SubscriptionEntry[] = noSubscriptions;
  #taggings: Map<string, Tagging> | null = null;

  constructor(core: HubCore, subscriber: Subscriber) {
    this.core = core;
    this.subscriber = subscriber;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.length;
  }

  get tags(): readonly string[] {
    return this.#taggings === null ? noTags : [...this.#taggings.keys()];
  }

  subscribe(pattern: string, options: SubscribeOptions = {}): Subscription {
    this.#assertIn();
    const { maxSubscriptionsPerMember } = this.core.limits;
    if (this.#subscriptions.length >= maxSubscriptionsPerMember) {
      throw new HubError('tooManySubscriptions', `${maxSubscriptionsPerMember} are allowed`);
    }
    return this.core.subscribe(this, pattern, options);
  }

  /** The core has made a subscription. */
  begin(subscription: SubscriptionEntry): void {
    subscription.memberSlot = this.#subscriptions.length;
    // Most members have one: an array made with its first element has room for just that.
    if (subscription.memberSlot === 0) this.#subscriptions = [subscription];
    else this.#subscriptions.push(subscription);
  }

  end(subscription: SubscriptionEntry): void {
    const slot = subscription.memberSlot;
    const last = this.#subscriptions.pop();
    if (last !== undefined && last !== subscription) {
      this.#subscriptions[slot] = last;
      last.memberSlot = slot;
    }
    this.core.unsubscribe(subscription);
  }

  addTag(tag: string): void {
    this.#assertIn();
    assertTag(tag);
    this.#taggings ??= new Map();
    if (this.#taggings.has(tag)) return;
    const { maxTagsPerMember } = this.core.limits;
    if (this.#taggings.size >= maxTagsPerMember) throw new HubError('tooManyTags', `${maxTagsPerMember} are allowed`);
    this.#taggings.set(tag, this.core.tags.add(tag, this, this.core.sequence));
  }

  removeTag(tag: string): void {
    const tagging = this.#taggings?.get(tag);
    if (tagging === undefined) return;
    this.#taggings?.delete(tag);
    this.core.tags.remove(tagging);
  }

  resumeAll(): void {
    // Backwards: whatever ends meanwhile moves only entries from behind, which have had their turn, into its place.
    for (let i = this.#subscriptions.length - 1; i >= 0; i--) this.#subscriptions[i]?.resume();
  }

  leave(): void {
    if (this.left) return;
    this.left = true;
    this.core.members.remove(this);
    for (let last = this.#subscriptions.at(-1); last !== undefined; last = this.#subscriptions.at(-1)) this.end(last);
    if (this.#taggings === null) return;
    for (const tagging of this.#taggings.values()) this.core.tags.remove(tagging);
    this.#taggings = null;
  }

  evict(reason: EvictReason = 'evicted'): void {
    if (this.left) return;
    this.leave();
    this.core.tellEvicted(this.subscriber, reason);
  }

  #assertIn(): void {
    if (this.left) throw new HubError('memberLeft', this.subscriber.id);
  }
}
