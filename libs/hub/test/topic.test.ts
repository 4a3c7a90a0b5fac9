import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertPattern, assertTopic, checkPattern, checkTopic, HubError } from '../src/index.ts';
import { hasWildcard, patternMatches } from '../src/topic.ts';

describe('topics', () => {
  it.each(['a', 'news', 'a.b.c', 'Größe.東京.😀', '$sys.x-y_z', 'a/b.c:d'])('takes %s', (name) => {
    expect(checkTopic(name)).toBeNull();
    expect(checkPattern(name)).toBeNull();
    expect(() => assertTopic(name)).not.toThrow();
  });

  it.each([
    ['', 'topicEmpty'],
    ['.', 'tokenEmpty'],
    ['.a', 'tokenEmpty'],
    ['a.', 'tokenEmpty'],
    ['a..b', 'tokenEmpty'],
    ['a b', 'characterForbidden'],
    ['a\tb', 'characterForbidden'],
    ['a\r\nb', 'characterForbidden'],
    ['a\u0000', 'characterForbidden'],
    ['a\u007f', 'characterForbidden'],
    ['a\u0085', 'characterForbidden'],
    ['a\u00a0b', 'characterForbidden'],
    ['a\u2028b', 'characterForbidden'],
    ['a\u202eb', 'characterForbidden'],
    ['a\u3000b', 'characterForbidden'],
    ['\ufeffa', 'characterForbidden'],
    ['a\ud800', 'characterForbidden'],
    ['\udc00a', 'characterForbidden'],
    ['a.*', 'wildcardInTopic'],
    ['>', 'wildcardInTopic'],
    ['a*', 'wildcardInTopic'],
  ])('refuses %j: %s', (name, code) => {
    expect(checkTopic(name)).toBe(code);
    expect(() => assertTopic(name)).toThrow(expect.objectContaining({ code, fault: 'peer', status: 400 }));
  });

  it('bounds bytes and tokens', () => {
    const limits = { maxTopicBytes: 6, maxTokens: 2 };
    expect(checkTopic('123456', limits)).toBeNull();
    expect(checkTopic('1234567', limits)).toBe('topicTooLong');
    expect(checkTopic('東京', limits)).toBeNull();
    expect(checkTopic('東京x', limits)).toBe('topicTooLong');
    expect(checkTopic('😀ab', limits)).toBeNull();
    expect(checkTopic('😀abc', limits)).toBe('topicTooLong');
    expect(checkTopic('a.b', limits)).toBeNull();
    expect(checkTopic('a.b.c', limits)).toBe('tooManyTokens');
  });

  it('quotes only the beginning of a long name in an error', () => {
    const long = `${'x'.repeat(300)}`;
    expect(() => assertTopic(long)).toThrow(HubError);
    expect(() => assertTopic(long)).toThrow(/^topicTooLong: not a topic: "x{80}…" is longer than 255 bytes$/);
  });
});

describe('patterns', () => {
  it.each(['*', '>', 'a.*', '*.b', 'a.>', '*.*.>', 'a.*.c'])('takes %s', (pattern) => {
    expect(checkPattern(pattern)).toBeNull();
    expect(hasWildcard(pattern)).toBe(true);
  });

  it.each(['a*', '*a', '**', 'a.b*.c', '>.a', 'a.>.b', '>>', 'a.x>', '*>', '>.'])('refuses %s', (pattern) => {
    expect(checkPattern(pattern)).toBe('wildcardMisplaced');
    expect(() => assertPattern(pattern)).toThrow(expect.objectContaining({ code: 'wildcardMisplaced' }));
  });

  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a', false],
    ['a', 'a.b', false],
    ['*', 'a', true],
    ['*', 'a.b', false],
    ['a.*.c', 'a.b.c', true],
    ['a.*.c', 'a.b.d', false],
    ['>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['a.>', 'a.b', true],
    ['*.>', 'a.b.c', true],
  ])('%s and %s: %s', (pattern, topic, expected) => {
    expect(patternMatches(pattern.split('.'), topic.split('.'))).toBe(expected);
  });

  it('never throws on anything, and takes as a pattern whatever is a topic', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.nat(0xffff), { maxLength: 8 }), fc.array(fc.constantFrom(0x61, 0x2e, 0x2a, 0x3e, 0x20), { maxLength: 8 })), (units) => {
        const text = String.fromCharCode(...units);
        if (checkTopic(text) === null) expect(checkPattern(text)).toBeNull();
        if (checkPattern(text) === null && !hasWildcard(text)) expect(checkTopic(text)).toBeNull();
      }),
    );
  });
});
