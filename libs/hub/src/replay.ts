// Catching up from the logs: after a position, and after a lag.
//
// A subscription that is behind needs all matching publications from `cursor` on, up to the hub's `current`; what is later comes by
// fan-out. They are merged from the logs concerned in order of sequence, so they come in the order in which they were published.
// What it is owed (by its list's counter) and the logs no longer have is what it has missed, counted without knowing what it was.

import type { HubCore } from './core.ts';
import { locateInPattern, locateInTopic, makeGap } from './locate.ts';
import type { Position } from './position.ts';
import { collect, type Sources } from './replay-sources.ts';
import type { AfterGap, GapReason } from './subscriber.ts';
import type { SubscriptionEntry } from './subscription.ts';

/** Begins a new subscription at a position: finds the cursor, tells a gap, replays. */
export function startFrom(core: HubCore, subscription: SubscriptionEntry, since: Position, afterGap: AfterGap): void {
  const { list } = subscription;
  const start = list.isWildcard ? locateInPattern(core, list, since) : locateInTopic(core, list.pattern, since);
  const { loss } = start;
  const cursor = loss !== null && afterGap === 'live' ? core.sequence + 1 : start.cursor;
  const sources = collect(core, list, cursor);
  const first = sources.earliest();
  if (first === null) {
    subscription.cursor = Math.max(sources.cursor - 1, core.current);
  } else {
    subscription.phase = 'catchingUp';
    subscription.cursor = first.sequence;
    subscription.mark = list.passed - sources.retained;
  }
  core.enter();
  subscription.replaying = true;
  try {
    if (loss !== null && afterGap !== 'ignore') {
      const next = first?.sequence ?? subscription.cursor + 1;
      subscription.subscriber.gap(makeGap(core, list.isWildcard ? '' : list.pattern, loss, next), subscription);
    }
    if (subscription.isBehind) catchUp(core, subscription, false);
  } catch (error) {
    core.fail(subscription.member, error);
  }
  subscription.replaying = false;
  core.exit();
}

/** Goes on with a subscription that is behind. `conflating`: of topics with that policy, only the latest. */
export function replay(core: HubCore, subscription: SubscriptionEntry, conflating: boolean): void {
  core.enter();
  subscription.replaying = true;
  try {
    catchUp(core, subscription, conflating);
  } catch (error) {
    core.fail(subscription.member, error);
  }
  subscription.replaying = false;
  core.exit();
}

function catchUp(core: HubCore, subscription: SubscriptionEntry, conflating: boolean): void {
  const { list, subscriber } = subscription;
  const sources = collect(core, list, subscription.cursor);
  subscription.cursor = sources.cursor;
  if (conflating) sources.conflate();
  const missed = list.passed - subscription.mark - sources.retained;
  if (missed > 0 && !explainLoss(core, subscription, sources, missed)) return;
  for (let source = sources.earliest(); source !== null; source = sources.earliest()) {
    const lost = source.takeLost();
    if (lost > 0) {
      const { slow } = source.log.policy;
      if (slow === 'disconnect') {
        subscription.member.evict('gap');
        return;
      }
      tellLoss(core, subscription, sources, source.log.topic, slow === 'conflate' ? 'conflated' : 'dropped', lost);
    } else if (source.skipped > 0) {
      subscription.cursor = source.sequence;
      tellLoss(core, subscription, sources, source.log.topic, 'conflated', source.takeSkipped());
    } else {
      const publication = source.log.at(source.next);
      subscription.cursor = publication.sequence;
      publication.beginDelivery();
      let taken = false;
      try {
        taken = subscriber.deliver(publication, subscription);
      } finally {
        publication.endDelivery();
      }
      if (taken) core.deliveries++;
      if (!taken || !subscription.isBehind) return;
      subscription.mark++;
      source.advance();
    }
    if (!subscription.isBehind) return;
  }
  subscription.phase = 'fresh';
  subscription.cursor = core.current;
}

/** The logs have lost something the subscription needed. Tells it, or evicts: `false` when it is over. */
function explainLoss(core: HubCore, subscription: SubscriptionEntry, sources: Sources, missed: number): boolean {
  const { list } = subscription;
  if (sources.overflow) {
    tellLoss(core, subscription, sources, '', 'tooManyTopics', missed);
    return subscription.isBehind;
  }
  if (list.isWildcard) {
    if (sources.hasLostStrictly) {
      subscription.member.evict('gap');
      return false;
    }
    tellLoss(core, subscription, sources, '', sources.hasLostUnconflated ? 'dropped' : 'conflated', missed);
    return subscription.isBehind;
  }
  const log = core.topics.get(list.pattern);
  const { slow } = log === undefined ? core.policies.resolve(list.tokens) : log.policy;
  if (slow === 'disconnect') {
    subscription.member.evict('gap');
    return false;
  }
  const only = sources.only;
  if (slow === 'conflate' && only !== null && only.skipped > 0) only.skipped += missed;
  else tellLoss(core, subscription, sources, list.pattern, slow === 'conflate' ? 'conflated' : 'dropped', missed);
  return subscription.isBehind;
}

function tellLoss(
  core: HubCore,
  subscription: SubscriptionEntry,
  sources: Sources,
  topic: string,
  reason: GapReason,
  missed: number,
): void {
  subscription.mark += missed;
  subscription.dropped += missed;
  core.dropped += missed;
  const next = sources.earliest()?.sequence ?? core.current + 1;
  subscription.subscriber.gap(makeGap(core, topic, { reason, missed }, next), subscription);
}
