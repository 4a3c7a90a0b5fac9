import { describe, expect, it } from 'vitest';
import { defaultHistoryLimits, defaultTopicLimits, type HubOptions } from '../src/index.ts';
import { PolicyTable } from '../src/policy.ts';
import { makeHub } from './recorder.ts';

describe('policies', () => {
  it('takes each setting from the first rule that has it', () => {
    const table = new PolicyTable(
      [
        { pattern: 'a.b', slow: 'conflate' },
        { pattern: 'a.*', history: { maxCount: 7 } },
        { pattern: '>', slow: 'dropOldest', history: { maxCount: 9 } },
      ],
      { maxBytes: 10 },
      'disconnect',
      defaultTopicLimits,
    );
    const history = { ...defaultHistoryLimits, maxBytes: 10 };
    expect(table.resolve(['a', 'b'])).toEqual({ slow: 'conflate', history: { ...history, maxCount: 7 } });
    expect(table.resolve(['a', 'c'])).toEqual({ slow: 'dropOldest', history: { ...history, maxCount: 7 } });
    expect(table.resolve(['x'])).toEqual({ slow: 'dropOldest', history: { ...history, maxCount: 9 } });
  });

  it('falls back to the defaults', () => {
    const table = new PolicyTable([], {}, 'disconnect', defaultTopicLimits);
    expect(table.resolve(['a'])).toEqual({ slow: 'disconnect', history: defaultHistoryLimits });
  });

  it.each<[string, Partial<HubOptions>, string]>([
    ['a bad pattern', { rules: [{ pattern: 'a.>.b' }] }, 'wildcardMisplaced'],
    ['a negative bound', { history: { maxCount: -1 } }, 'configurationInvalid'],
    ['a bound that is no number', { rules: [{ pattern: 'a', history: { maxAgeMs: Number.NaN } }] }, 'configurationInvalid'],
    ['a negative limit', { limits: { maxTopics: -1 } }, 'configurationInvalid'],
    ['no room for any topic', { limits: { maxTopics: 0 } }, 'configurationInvalid'],
    ['no topic to catch up on', { limits: { maxReplayTopics: 0 } }, 'configurationInvalid'],
  ])('refuses %s', (_what, options, code) => {
    expect(() => makeHub(options)).toThrow(expect.objectContaining({ code }));
  });
});
