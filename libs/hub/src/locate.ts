// From a position to the sequence a reader goes on from, and whether anything is missing before it.

import type { HubCore } from './core.ts';
import { isHubPosition, type Position } from './position.ts';
import { collect } from './replay-sources.ts';
import type { Gap, GapReason } from './subscriber.ts';
import type { SubscriptionList } from './subscription-list.ts';

export interface Located {
  /** Sequence of the first publication wanted; when something is missing, of the oldest there is to offer. */
  readonly cursor: number;
  /** What is missing before it; null when nothing is. */
  readonly loss: Loss | null;
}

export interface Loss {
  readonly reason: GapReason;
  /** How many publications, −1 when that cannot be known. */
  readonly missed: number;
}

/** Either kind of position, in one topic. */
export function locateInTopic(core: HubCore, topic: string, since: Position): Located {
  const known = core.topics.get(topic);
  if (known !== undefined) core.topics.expire(known, core.now());
  const { log, epoch, nextOffset, lostSequence } = core.topics.stateOf(topic);
  if (isHubPosition(since)) {
    const problem = problemOfHubPosition(core, since);
    if (problem !== null) return { cursor: 1, loss: unknown(problem) };
    const cursor = since.offset + 1;
    return { cursor, loss: lostSequence >= cursor ? unknown('tooOld') : null };
  }
  const nothing = core.sequence + 1;
  const oldest = log?.oldest()?.sequence ?? nothing;
  if (epoch !== since.epoch) return { cursor: oldest, loss: unknown('epochChanged') };
  const wanted = since.offset + 1;
  const firstOffset = log?.firstOffset ?? nextOffset;
  if (wanted > nextOffset) return { cursor: oldest, loss: unknown('inFuture') };
  if (wanted < firstOffset) return { cursor: oldest, loss: { reason: 'tooOld', missed: firstOffset - wanted } };
  return { cursor: log !== undefined && wanted < nextOffset ? log.at(wanted).sequence : nothing, loss: null };
}

/** A hub position, in all topics of a pattern. */
export function locateInPattern(core: HubCore, list: SubscriptionList, since: Position): Located {
  const problem = problemOfHubPosition(core, since);
  if (problem !== null) return { cursor: 1, loss: unknown(problem) };
  const cursor = since.offset + 1;
  const sources = collect(core, list, cursor);
  if (sources.overflow) return { cursor, loss: unknown('tooManyTopics') };
  return { cursor, loss: sources.hasLost ? unknown('tooOld') : null };
}

/** Of one topic, or of several (`''`). `next` is the sequence of the publication that follows the gap. */
export function makeGap(core: HubCore, topic: string, { reason, missed }: Loss, next: number): Gap {
  const position = { epoch: core.epoch, offset: next - 1 };
  if (topic === '') return { reason, topic, epoch: '', oldestOffset: 0, missed, position };
  const { epoch, oldestOffset } = core.topics.stateOf(topic);
  return { reason, topic, epoch, oldestOffset, missed, position };
}

function unknown(reason: GapReason): Loss {
  return { reason, missed: -1 };
}

function problemOfHubPosition(core: HubCore, since: Position): GapReason | null {
  if (since.epoch !== core.epoch) return 'epochChanged';
  return since.offset > core.sequence ? 'inFuture' : null;
}
