// From a position to the sequence a reader goes on from, and whether anything is missing before it.

import type { HubCore } from './core.ts';
import { isHubPosition, type Position } from './position.ts';
import { collect } from './replay-sources.ts';
import type { Gap, GapReason } from './subscriber.ts';
import type { SubscriptionList } from './subscription-list.ts';
import type { TopicLog } from './topic-log.ts';

export interface Located {
  /** Sequence of the first publication wanted; with a gap, of the oldest there is to offer. */
  readonly cursor: number;
  readonly gap: Gap | null;
}

/** Either kind of position, in one topic. */
export function locateInTopic(core: HubCore, topic: string, since: Position): Located {
  const log = core.topics.get(topic);
  if (log !== undefined) core.topics.expire(log, core.now());
  if (isHubPosition(since)) {
    const problem = problemOfHubPosition(core, since);
    if (problem !== null) return { cursor: 1, gap: makeGap(problem, topic, log, -1) };
    const cursor = since.offset + 1;
    const lost = core.topics.forgottenSequence >= cursor || (log !== undefined && log.discardedSequence >= cursor);
    return { cursor, gap: lost ? makeGap('tooOld', topic, log, -1) : null };
  }
  const nothing = core.sequence + 1;
  if (log === undefined) return { cursor: nothing, gap: makeGap('epochChanged', topic, log, -1) };
  const wanted = since.offset + 1;
  const oldest = log.oldest()?.sequence ?? nothing;
  if (log.epoch !== since.epoch) return { cursor: oldest, gap: makeGap('epochChanged', topic, log, -1) };
  if (wanted > log.nextOffset) return { cursor: oldest, gap: makeGap('inFuture', topic, log, -1) };
  if (wanted < log.firstOffset) return { cursor: oldest, gap: makeGap('tooOld', topic, log, log.firstOffset - wanted) };
  return { cursor: wanted < log.nextOffset ? log.at(wanted).sequence : nothing, gap: null };
}

/** A hub position, in all topics of a pattern. */
export function locateInPattern(core: HubCore, list: SubscriptionList, since: Position): Located {
  const problem = problemOfHubPosition(core, since);
  if (problem !== null) return { cursor: 1, gap: makeGap(problem, '', undefined, -1) };
  const cursor = since.offset + 1;
  const sources = collect(core, list, cursor);
  if (sources.overflow) return { cursor, gap: makeGap('tooManyTopics', '', undefined, -1) };
  const lost = sources.hasLost || core.topics.forgottenSequence >= cursor;
  return { cursor, gap: lost ? makeGap('tooOld', '', undefined, -1) : null };
}

export function makeGap(reason: GapReason, topic: string, log: TopicLog | undefined, missed: number): Gap {
  const oldestOffset = log === undefined || log.count === 0 ? 0 : log.firstOffset;
  return { reason, topic, epoch: log?.epoch ?? '', oldestOffset, missed };
}

function problemOfHubPosition(core: HubCore, since: Position): GapReason | null {
  if (since.epoch !== core.epoch) return 'epochChanged';
  return since.offset > core.sequence ? 'inFuture' : null;
}
