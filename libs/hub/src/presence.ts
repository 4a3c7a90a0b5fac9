// Who is subscribed to a topic, also by wildcards: a bounded answer.

import type { MemberEntry } from './member.ts';
import type { SubscriptionList } from './subscription-list.ts';

export interface PresenceEntry {
  readonly id: string;
  readonly info: unknown;
  readonly tags: readonly string[];
  /** When the first of its subscriptions that reach the topic began, in ms since 1970: a label, by a clock that may jump. */
  readonly sinceMs: number;
}

export interface Presence {
  /** Subscriptions that reach the topic; a member with two patterns counts twice. */
  readonly subscriptions: number;
  /** Each member once, in no particular order. */
  readonly members: readonly PresenceEntry[];
  /** Whether `members` are all; if not, there were more than `limit`. */
  readonly complete: boolean;
}

/** Looks at as many subscriptions as it takes to find `limit` members and one more. */
export function presenceOf(lists: readonly SubscriptionList[], limit: number): Presence {
  const sinceMs = new Map<MemberEntry, number>();
  const complete = gather(lists, limit, sinceMs);
  const members: PresenceEntry[] = [];
  for (const [{ subscriber, tags }, since] of sinceMs) members.push({ id: subscriber.id, info: subscriber.info, tags, sinceMs: since });
  return { subscriptions: countOf(lists), members, complete };
}

export function countOf(lists: readonly SubscriptionList[]): number {
  let count = 0;
  for (const list of lists) count += list.live;
  return count;
}

function gather(lists: readonly SubscriptionList[], limit: number, sinceMs: Map<MemberEntry, number>): boolean {
  for (const { entries } of lists) {
    for (const subscription of entries) {
      if (subscription.phase === 'ended') continue;
      const { member } = subscription;
      const known = sinceMs.get(member);
      if (known === undefined && sinceMs.size >= limit) return false;
      if (known === undefined || subscription.sinceMs < known) sinceMs.set(member, subscription.sinceMs);
    }
  }
  return true;
}
