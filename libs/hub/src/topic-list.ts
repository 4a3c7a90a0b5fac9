// The topics the hub knows, page by page, in the order of their names.

import type { HubCore } from './core.ts';
import { countOf } from './presence.ts';
import { patternMatches } from './topic.ts';

export interface TopicListQuery {
  /** Only topics that match it; `>` for all. */
  readonly pattern: string;
  /** Only names that begin with it; `''` for all. */
  readonly prefix: string;
  /** Only names after it, in the order of UTF-16 code units; `''` for all. */
  readonly after: string;
  /** Topics of one page. */
  readonly limit: number;
}

export interface TopicSummary {
  readonly topic: string;
  readonly epoch: string;
  /** The oldest offset retained, 0 when none is. */
  readonly oldestOffset: number;
  readonly nextOffset: number;
  /** Publications retained, and what they count: payload bytes plus `publicationOverheadBytes` each. */
  readonly count: number;
  readonly bytes: number;
  /** When the last publication was made, in ms since 1970. */
  readonly lastTimeMs: number;
  /** Subscriptions that reach the topic. */
  readonly subscriptions: number;
}

export interface TopicList {
  readonly topics: readonly TopicSummary[];
  /** What the next page is after; null when this one is the last. A page may have fewer than `limit` topics, even none, and not be the last. */
  readonly next: string | null;
}

/** Names that are looked at for one page. */
export const maxNamesPerPage = 10_000;

/** Costs as many names as it looks at: `limit`, or up to `maxNamesPerPage` where the pattern leaves names out. */
export function listTopics(core: HubCore, { pattern, prefix, after, limit }: TopicListQuery): TopicList {
  const { topics } = core;
  const tokens = pattern.split('.');
  const start = literalStart(pattern);
  const found: TopicSummary[] = [];
  let looked = 0;
  let last = after;
  for (const name of topics.names.from(maximum(after, prefix, start))) {
    if (name === after) continue;
    if (!name.startsWith(prefix) || !name.startsWith(start)) break;
    if (found.length >= limit || looked >= maxNamesPerPage) return { topics: found, next: last };
    looked++;
    last = name;
    const summary = summaryOf(core, name, tokens);
    if (summary !== null) found.push(summary);
  }
  return { topics: found, next: null };
}

/** What the names of all topics begin with that match. */
function literalStart(pattern: string): string {
  const wildcard = pattern.search(/[*>]/);
  return wildcard < 0 ? pattern : pattern.slice(0, wildcard);
}

function summaryOf({ topics, patterns, now }: HubCore, name: string, pattern: readonly string[]): TopicSummary | null {
  const log = topics.get(name);
  if (log === undefined || !patternMatches(pattern, log.tokens)) return null;
  topics.expire(log, now());
  const { topic, epoch, nextOffset, firstOffset, count, bytes, lastTimeMs, tokens } = log;
  const subscriptions = countOf(patterns.matchesOf(topic, tokens, log));
  return { topic, epoch, oldestOffset: count === 0 ? 0 : firstOffset, nextOffset, count, bytes, lastTimeMs, subscriptions };
}

function maximum(first: string, ...others: readonly string[]): string {
  let greatest = first;
  for (const other of others) if (other > greatest) greatest = other;
  return greatest;
}
