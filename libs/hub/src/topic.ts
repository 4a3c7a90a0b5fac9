// Topic names and subscription patterns, by the subject rules of NATS.
//
// A topic is one or more tokens joined by dots. A token has at least one character, and no white space, control
// character, lone surrogate, `*` or `>`. A pattern is a topic in which whole tokens may be wildcards: `*` stands for exactly
// one token, `>` for one or more and only at the end. Checking is one pass and makes nothing.

import { HubError, type TopicErrorCode } from './errors.ts';
import { topicDetail } from './topic-detail.ts';

export interface TopicLimits {
  /** Of a name in UTF-8. Default 255. */
  readonly maxTopicBytes: number;
  /** Default 16. */
  readonly maxTokens: number;
}

export const defaultTopicLimits: TopicLimits = { maxTopicBytes: 255, maxTokens: 16 };

const dot = 0x2e;
const star = 0x2a;
const greater = 0x3e;

/** What is wrong with a name somebody wants to publish to; `null` when nothing is. */
export function checkTopic(name: string, limits: TopicLimits = defaultTopicLimits): TopicErrorCode | null {
  return check(name, limits, false);
}

/** What is wrong with a pattern somebody wants to subscribe to; `null` when nothing is. Every topic is a pattern. */
export function checkPattern(pattern: string, limits: TopicLimits = defaultTopicLimits): TopicErrorCode | null {
  return check(pattern, limits, true);
}

/** Throws a `HubError` when the name is no topic. */
export function assertTopic(name: string, limits: TopicLimits = defaultTopicLimits): void {
  const problem = check(name, limits, false);
  if (problem !== null) throw new HubError(problem, `not a topic: ${quote(name)} ${topicDetail(name, problem, limits, isForbidden)}`);
}

/** Throws a `HubError` when the text is no pattern. */
export function assertPattern(pattern: string, limits: TopicLimits = defaultTopicLimits): void {
  const problem = check(pattern, limits, true);
  if (problem !== null) throw new HubError(problem, `not a subscription pattern: ${quote(pattern)} ${topicDetail(pattern, problem, limits, isForbidden)}`);
}

/** Whether a (valid) pattern has wildcards; if not, it is the name of the one topic it matches. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('>');
}

/** Whether a topic, given as its tokens, is one of those a (valid) pattern stands for. */
export function patternMatches(pattern: readonly string[], topic: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const token = pattern[i];
    if (token === '>') return topic.length > i;
    if (i >= topic.length || (token !== '*' && token !== topic[i])) return false;
  }
  return pattern.length === topic.length;
}

function check(name: string, limits: TopicLimits, wildcards: boolean): TopicErrorCode | null {
  if (name.length === 0) return 'topicEmpty';
  if (name.length > limits.maxTopicBytes) return 'topicTooLong';
  let tokens = 1;
  let bytes = 0;
  let tokenStart = 0;
  let wildcardAt = -1;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit === dot) {
      if (i === tokenStart) return 'tokenEmpty';
      if (wildcardAt >= 0 && (i - tokenStart > 1 || name.charCodeAt(wildcardAt) === greater)) return 'wildcardMisplaced';
      tokens++;
      tokenStart = i + 1;
      wildcardAt = -1;
    } else if (unit === star || unit === greater) {
      if (!wildcards) return 'wildcardInTopic';
      wildcardAt = i;
    }
    if (unit < 0x80) {
      if (unit <= 0x20 || unit === 0x7f) return 'characterForbidden';
      bytes++;
    } else if ((unit & 0xfc00) === 0xd800) {
      const low = name.charCodeAt(++i);
      if ((low & 0xfc00) !== 0xdc00) return 'characterForbidden';
      bytes += 4;
    } else {
      if (isForbiddenAboveAscii(unit)) return 'characterForbidden';
      bytes += unit < 0x800 ? 2 : 3;
    }
  }
  if (tokenStart === name.length) return 'tokenEmpty';
  if (wildcardAt >= 0 && name.length - tokenStart > 1) return 'wildcardMisplaced';
  if (bytes > limits.maxTopicBytes) return 'topicTooLong';
  return tokens > limits.maxTokens ? 'tooManyTokens' : null;
}

/** C1 controls, Unicode white space, line and paragraph separators, invisible direction marks, lone low surrogates, non-characters. */
function isForbiddenAboveAscii(unit: number): boolean {
  if (unit <= 0xa0) return true;
  if (unit < 0x1680) return unit === 0xad || unit === 0x61c;
  if (unit < 0x2000) return unit === 0x1680 || unit === 0x180e;
  if (unit <= 0x206f) return unit <= 0x200f || (unit >= 0x2028 && unit <= 0x202f) || unit >= 0x205f;
  return unit === 0x3000 || (unit & 0xfc00) === 0xdc00 || unit === 0xfeff || unit === 0xfffe || unit === 0xffff;
}

function isForbidden(character: string): boolean {
  return check(character, defaultTopicLimits, true) === 'characterForbidden';
}

function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
