import { describe, expect, it } from 'vitest';
import { assertPattern, assertTopic, HubError } from '../src/index.ts';

function detailOf(assert: (name: string) => void, name: string): string {
  try {
    assert(name);
  } catch (error) {
    return (error as HubError).detail;
  }
  throw new Error(`${name} is fine`);
}

describe('what is wrong with a topic', () => {
  it.each([
    ['a b', 'not a topic: "a b" has a space (U+0020) at index 1'],
    ['a.b\t', 'not a topic: "a.b\\t" has a tab (U+0009) at index 3'],
    ['😀\u00a0', 'not a topic: "😀\u00a0" has U+00A0 at index 2'],
    ['x\ud800', 'not a topic: "x\\ud800" has U+D800 at index 1'],
    ['', 'not a topic: "" is empty'],
    ['.a', 'not a topic: ".a" has an empty token at index 0'],
    ['a..b', 'not a topic: "a..b" has an empty token at index 2'],
    ['a.', 'not a topic: "a." has an empty token at index 2'],
    ['a.*', 'not a topic: "a.*" has a wildcard at index 2; only subscriptions may have them'],
  ])('%j: %s', (name, detail) => {
    expect(detailOf(assertTopic, name)).toBe(detail);
  });

  it('names the limit', () => {
    expect(detailOf((name) => assertTopic(name, { maxTopicBytes: 3, maxTokens: 2 }), 'abcd')).toBe('not a topic: "abcd" is longer than 3 bytes');
    expect(detailOf((name) => assertTopic(name, { maxTopicBytes: 9, maxTokens: 2 }), 'a.b.c')).toBe('not a topic: "a.b.c" has more than 2 tokens');
  });

  it('of a pattern', () => {
    expect(detailOf(assertPattern, 'a.>.b')).toBe('not a subscription pattern: "a.>.b" has a misplaced wildcard: * stands for a whole token, and > for the last ones');
    expect(detailOf(assertPattern, 'a .*')).toBe('not a subscription pattern: "a .*" has a space (U+0020) at index 1');
  });
});
