// Where the last so many publications of a pattern begin, for a subscriber that wants some history before what is live.

import type { HubCore } from './core.ts';
import { hasWildcard, patternMatches } from './topic.ts';
import type { TopicLog } from './topic-log.ts';

/**
 * Sequence of the oldest of the last `count` retained publications that match a (valid) pattern, in the order of publication. Fewer when
 * fewer are retained, or when they are spread over more than `maxReplayTopics` topics. Without any, the sequence that comes next.
 *
 * Costs a look at each topic published to since the oldest of them (all topics when too few match), and for a wildcard about 30 binary
 * searches in each topic that matches.
 */
export function cursorOfLatest(core: HubCore, pattern: string, count: number): number {
  if (count === 0) return core.sequence + 1;
  const { logs, floor } = hasWildcard(pattern) ? freshestMatches(core, pattern.split('.'), count) : exactMatch(core, pattern);
  let low = oldestFrom(logs, floor, core.sequence + 1);
  if (countFrom(logs, low) <= count) return low;
  // At least `count` follow from `low` on, fewer from `high` on.
  let high = core.sequence + 1;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (countFrom(logs, middle) >= count) low = middle;
    else high = middle;
  }
  return low;
}

interface Matches {
  readonly logs: readonly TopicLog[];
  /** Logs left out have nothing from this sequence on. */
  readonly floor: number;
}

function exactMatch(core: HubCore, topic: string): Matches {
  const log = core.topics.get(topic);
  if (log === undefined) return { logs: [], floor: 1 };
  core.topics.expire(log, core.now());
  return { logs: [log], floor: 1 };
}

/** `count` logs with a publication each have all that is wanted: the publications of any other log are older. */
function freshestMatches(core: HubCore, pattern: readonly string[], count: number): Matches {
  const { topics, limits } = core;
  const nowMs = core.now();
  const logs: TopicLog[] = [];
  let matches = 0;
  for (let log = topics.freshest; log !== null; log = log.staler) {
    if (!patternMatches(pattern, log.tokens)) continue;
    // A replay counts the logs without publications, too.
    if (logs.length >= count || ++matches > limits.maxReplayTopics) return { logs, floor: log.lastSequence + 1 };
    topics.expire(log, nowMs);
    if (log.count > 0) logs.push(log);
  }
  return { logs, floor: 1 };
}

function countFrom(logs: readonly TopicLog[], sequence: number): number {
  let count = 0;
  for (const log of logs) count += log.nextOffset - log.offsetFrom(sequence);
  return count;
}

function oldestFrom(logs: readonly TopicLog[], sequence: number, none: number): number {
  let oldest = none;
  for (const log of logs) {
    const offset = log.offsetFrom(sequence);
    if (offset < log.nextOffset) oldest = Math.min(oldest, log.at(offset).sequence);
  }
  return oldest;
}
