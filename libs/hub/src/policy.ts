// What is kept of a topic and what a slow subscriber of it gets, chosen per pattern; and the bounds on everything together.
//
// A topic takes each setting from the first rule whose pattern matches it and which has that setting, else from the defaults.

import { HubError } from './errors.ts';
import { assertPattern, defaultTopicLimits, patternMatches, type TopicLimits } from './topic.ts';

/**
 * What a subscriber gets whose window is full: `disconnect` evicts it; `dropOldest` lets it lag and go on from the log when it
 * drains, without what the log has lost by then; `conflate` lets it lag and gives it only the topic's latest.
 */
export type SlowPolicy = 'disconnect' | 'dropOldest' | 'conflate';

/** How much of one topic is kept. Whatever bound is reached first counts; the oldest publication goes first. */
export interface HistoryLimits {
  /** Publications. 0 keeps none (there is no resume then). Default 1000. */
  readonly maxCount: number;
  /** Payload bytes plus `publicationOverheadBytes` each. Default 1 MiB. */
  readonly maxBytes: number;
  /** Default 300,000. */
  readonly maxAgeMs: number;
}

export interface TopicRule {
  readonly pattern: string;
  readonly history?: Partial<HistoryLimits>;
  readonly slow?: SlowPolicy;
}

export interface HubLimits extends TopicLimits {
  /** Topics kept, with or without history; the one published to least recently is forgotten first. Default 100,000. */
  readonly maxTopics: number;
  /** Forgotten topics whose epoch and next offset are remembered; the one forgotten first goes first. Default 100,000. */
  readonly maxPositions: number;
  /** History of all topics together, counted as in `HistoryLimits.maxBytes`; the oldest publication goes first. Default 64 MiB. */
  readonly maxHistoryBytes: number;
  /** A topic without history is forgotten when nothing was published to it for this long. Default 600,000. */
  readonly topicIdleMs: number;
  /** Of one publication. Default 16 MiB. */
  readonly maxPayloadBytes: number;
  /** Subscriptions of one member. Default 1000. */
  readonly maxSubscriptionsPerMember: number;
  /** Tags of one member. Default 64. */
  readonly maxTagsPerMember: number;
  /** Topics a wildcard subscription can catch up on at a time. Default 256. */
  readonly maxReplayTopics: number;
  /** Publications made by subscribers from inside one call of the hub, before it says `publishLoop`. Default 10,000. */
  readonly maxNestedPublications: number;
}

export const defaultHistoryLimits: HistoryLimits = { maxCount: 1000, maxBytes: 1 << 20, maxAgeMs: 300_000 };

export const defaultHubLimits: HubLimits = {
  ...defaultTopicLimits,
  maxTopics: 100_000,
  maxPositions: 100_000,
  maxHistoryBytes: 64 << 20,
  topicIdleMs: 600_000,
  maxPayloadBytes: 16 << 20,
  maxSubscriptionsPerMember: 1000,
  maxTagsPerMember: 64,
  maxReplayTopics: 256,
  maxNestedPublications: 10_000,
};

/** What one topic got. */
export interface TopicPolicy {
  readonly history: HistoryLimits;
  readonly slow: SlowPolicy;
}

/** The rules, checked and ready to be asked. */
export class PolicyTable {
  readonly #rules: readonly { readonly tokens: readonly string[]; readonly rule: TopicRule }[];
  readonly #defaults: TopicPolicy;

  /** Throws `configurationInvalid`, or the pattern's own error. */
  constructor(rules: readonly TopicRule[], history: Partial<HistoryLimits>, slow: SlowPolicy, limits: TopicLimits) {
    this.#defaults = { history: { ...defaultHistoryLimits, ...history }, slow };
    checkNumbers('history', this.#defaults.history);
    for (const rule of rules) {
      assertPattern(rule.pattern, limits);
      if (rule.history !== undefined) checkNumbers(`history of ${rule.pattern}`, rule.history);
    }
    this.#rules = rules.map((rule) => ({ tokens: rule.pattern.split('.'), rule }));
  }

  resolve(topic: readonly string[]): TopicPolicy {
    let history: Partial<HistoryLimits> | undefined;
    let slow: SlowPolicy | undefined;
    for (const { tokens, rule } of this.#rules) {
      if (!patternMatches(tokens, topic)) continue;
      history ??= rule.history;
      slow ??= rule.slow;
      if (history !== undefined && slow !== undefined) break;
    }
    if (history === undefined && slow === undefined) return this.#defaults;
    return { history: { ...this.#defaults.history, ...history }, slow: slow ?? this.#defaults.slow };
  }
}

/** Throws `configurationInvalid` unless each number is 0 or more (`Infinity` included). */
export function checkNumbers(what: string, numbers: object): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value !== 'number' || !(value >= 0)) {
      throw new HubError('configurationInvalid', `${what}: ${name} must be 0 or more, not ${String(value)}`);
    }
  }
}
