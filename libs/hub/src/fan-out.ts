// Delivery of one publication to everybody it concerns: the hot path. A delivery costs a look at the subscription's phase and
// the subscriber's own `deliver`; nothing is allocated. Whoever is behind is passed over: it takes the publication from the log.

import type { HubCore } from './core.ts';
import type { HeldPublication } from './publication.ts';
import type { SubscriptionEntry } from './subscription.ts';
import type { SubscriptionList } from './subscription-list.ts';
import type { TopicLog } from './topic-log.ts';

export function fanOut(core: HubCore, publication: HeldPublication): void {
  const { log } = publication;
  if (log === null) return;
  const lists = core.patterns.matchesOf(log.topic, log.tokens, log);
  // All lists are fixed before the first delivery: who joins one of them during it is too late for this publication.
  for (const list of lists) {
    list.passed++;
    list.beginWalk();
  }
  for (const list of lists) deliverTo(core, list, publication, log);
  for (const list of lists) list.endWalk();
}

function deliverTo(core: HubCore, list: SubscriptionList, publication: HeldPublication, log: TopicLog): void {
  const { entries, end } = list;
  let taken = 0;
  let i = 0;
  while (i < end) {
    try {
      for (; i < end; i++) {
        const subscription = entries[i];
        if (subscription.phase !== 'live' && !becomesLive(subscription, publication, log)) continue;
        if (subscription.subscriber.deliver(publication, subscription)) taken++;
        else refused(subscription, publication, log);
      }
    } catch (error) {
      core.fail(entries[i].member, error);
      i++;
    }
  }
  core.deliveries += taken;
}

/** A subscription that is not live: whether it is from this publication on. */
function becomesLive(subscription: SubscriptionEntry, publication: HeldPublication, log: TopicLog): boolean {
  if (subscription.phase === 'fresh') {
    if (publication.sequence <= subscription.cursor) return false;
    subscription.phase = 'live';
    return true;
  }
  if (log.policy.slow === 'disconnect') {
    if (subscription.phase === 'lagging') subscription.member.evict('slowConsumer');
    else if (subscription.phase === 'catchingUp' && hasOverrun(subscription, log)) subscription.member.evict('gap');
  }
  return false;
}

/** The log has lost what the subscription needs. (Of a wildcard one this is found out when it resumes.) */
function hasOverrun({ list, cursor }: SubscriptionEntry, log: TopicLog): boolean {
  return !list.isWildcard && log.discardedSequence >= cursor;
}

function refused(subscription: SubscriptionEntry, publication: HeldPublication, log: TopicLog): void {
  if (subscription.phase !== 'live') return;
  if (log.policy.slow === 'disconnect') {
    subscription.member.evict('slowConsumer');
    return;
  }
  subscription.phase = 'lagging';
  subscription.cursor = publication.sequence;
  subscription.mark = subscription.list.passed - 1;
}

export function fanOutByTag(core: HubCore, message: HeldPublication, tag: string): void {
  const list = core.tags.get(tag);
  if (list === undefined) return;
  list.beginWalk();
  const { entries, end } = list;
  for (let i = 0; i < end; i++) {
    const tagging = entries[i];
    if (tagging.slot < 0 || message.sequence <= tagging.after) continue;
    const { member } = tagging;
    try {
      if (member.subscriber.deliver(message, null)) core.deliveries++;
      else if (core.tagSlow === 'disconnect') member.evict('slowConsumer');
      else core.dropped++;
    } catch (error) {
      core.fail(member, error);
    }
  }
  list.endWalk();
}
