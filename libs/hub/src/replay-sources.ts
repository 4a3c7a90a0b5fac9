// The logs a subscription has to catch up on, as one stream in order of sequence.

import type { HubCore } from './core.ts';
import type { SubscriptionList } from './subscription-list.ts';
import { patternMatches } from './topic.ts';
import type { TopicLog } from './topic-log.ts';

/** The part of one log that is wanted: offsets from `next` up to, not including, `end`. */
export class Source {
  readonly log: TopicLog;
  readonly end: number;
  next: number;
  /** Publications before `next` that conflation passes over and nobody has told yet. */
  skipped = 0;
  /** Of `next`, also once the log has let go of it. */
  sequence: number;

  constructor(log: TopicLog, next: number, end: number) {
    this.log = log;
    this.next = next;
    this.end = end;
    this.sequence = log.at(next).sequence;
  }

  advance(): void {
    this.#moveTo(this.next + 1);
  }

  /** Moves on to what the log still has; answers how many it has lost since. */
  takeLost(): number {
    const from = this.next;
    if (from >= this.log.firstOffset) return 0;
    this.#moveTo(Math.min(this.log.firstOffset, this.end));
    return this.next - from + this.takeSkipped();
  }

  takeSkipped(): number {
    const skipped = this.skipped;
    this.skipped = 0;
    return skipped;
  }

  skipToLatest(): void {
    this.skipped = this.end - 1 - this.next;
    this.#moveTo(this.end - 1);
  }

  #moveTo(offset: number): void {
    this.next = offset;
    if (offset >= this.log.firstOffset && offset < this.end) this.sequence = this.log.at(offset).sequence;
  }
}

export class Sources {
  /** Sequence from which on they are complete: the one asked for, or a later one when there were too many topics. */
  readonly cursor: number;
  /** There were too many topics. */
  readonly overflow: boolean;
  /** Publications wanted that the logs have. */
  readonly retained: number;
  /** Some topic concerned, forgotten ones too, has lost something wanted; such a log of policy `disconnect`; such a log of another than `conflate`. */
  readonly hasLost: boolean;
  readonly hasLostStrictly: boolean;
  readonly hasLostUnconflated: boolean;
  readonly #sources: Source[] = [];

  constructor(logs: readonly TopicLog[], cursor: number, until: number, overflow: boolean, forgotten: boolean) {
    this.cursor = cursor;
    this.overflow = overflow;
    const lossy = logs.filter((log) => log.discardedSequence >= cursor);
    this.hasLost = forgotten || lossy.length > 0;
    this.hasLostStrictly = lossy.some((log) => log.policy.slow === 'disconnect');
    this.hasLostUnconflated = forgotten || lossy.some((log) => log.policy.slow !== 'conflate');
    let retained = 0;
    for (const log of logs) {
      const next = log.offsetFrom(cursor);
      const end = log.offsetFrom(until + 1);
      if (next >= end) continue;
      retained += end - next;
      this.#sources.push(new Source(log, next, end));
    }
    this.retained = retained;
  }

  /** The source, when there is just one. */
  get only(): Source | null {
    return this.#sources.length === 1 ? this.#sources[0] : null;
  }

  conflate(): void {
    for (const source of this.#sources) if (source.log.policy.slow === 'conflate') source.skipToLatest();
  }

  /** The one whose next publication is the oldest; `null` when all are used up. */
  earliest(): Source | null {
    const sources = this.#sources;
    let earliest: Source | null = null;
    for (let i = sources.length - 1; i >= 0; i--) {
      const source = sources[i];
      if (source.next >= source.end) {
        const last = sources.pop();
        if (last !== undefined && last !== source) sources[i] = last;
      } else if (earliest === null || source.sequence < earliest.sequence) {
        earliest = source;
      }
    }
    return earliest;
  }
}

/**
 * What a pattern's subscription needs from `cursor` on. Logs are walked from the one published to last, and the walk ends at the first
 * without anything wanted, so its cost is the number of topics published to since. More than `maxReplayTopics` that match
 * raise the cursor: what the surplus topics have, and everything older, is left out.
 */
export function collect(core: HubCore, list: SubscriptionList, cursor: number): Sources {
  const { topics, limits } = core;
  const nowMs = core.now();
  const logs: TopicLog[] = [];
  let from = cursor;
  let overflow = false;
  if (list.isWildcard) {
    for (let log = topics.freshest; log !== null && log.lastSequence >= cursor; log = log.staler) {
      if (!patternMatches(list.tokens, log.tokens)) continue;
      if (logs.length >= limits.maxReplayTopics) {
        from = Math.min(log.lastSequence, core.current) + 1;
        overflow = true;
        break;
      }
      topics.expire(log, nowMs);
      logs.push(log);
    }
  } else {
    const log = topics.get(list.pattern);
    if (log !== undefined) {
      topics.expire(log, nowMs);
      logs.push(log);
    }
  }
  const forgotten = list.isWildcard && topics.memory.hasForgottenSince(list.tokens, cursor);
  return new Sources(logs, from, core.current, overflow, forgotten);
}
