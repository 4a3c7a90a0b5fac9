// What is said about a bad value, wherever it stands.

import * as Schema from 'effect/Schema';
import { describe, expect, it } from 'vitest';
import { formatProblem, problemsOf, show, unknownName } from '../../src/config/problems.ts';
import { list, optionalText, records, text, wholeNumber, type TextForm } from '../../src/config/setting.ts';

const word: TextForm = { placeholder: 'WORD', expected: 'a word', pattern: /^[a-z]+$/u };
const schema = Schema.Struct({
  size: Schema.optionalKey(wholeNumber('', { default: 1, max: 9 })),
  words: Schema.optionalKey(list('', word, [])),
  token: Schema.optionalKey(optionalText('', word, { secret: true })),
  group: Schema.optionalKey(Schema.Struct({ depth: Schema.optionalKey(wholeNumber('', { default: 1, max: 9 })) })),
  rules: Schema.optionalKey(records('', Schema.Struct({ pattern: text('', word), count: Schema.optionalKey(wholeNumber('', { max: 3 })) }))),
});

function said(value: unknown): string[] {
  return problemsOf(schema, value, (path) => (path === '' ? 'a.json' : `a.json: ${path}`)).map(formatProblem);
}

describe('problemsOf', () => {
  it('says nothing about what is good', () => {
    expect(said({ size: 9, words: ['a'], token: null, group: {}, rules: [{ pattern: 'a' }] })).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{ size: 10 }, 'a.json: size: expected a whole number from 1 to 9, got 10'],
    [{ size: 'x' }, 'a.json: size: expected a whole number from 1 to 9, got "x"'],
    [{ group: { depth: 0 } }, 'a.json: group.depth: expected a whole number from 1 to 9, got 0'],
    [{ group: 3 }, 'a.json: group: expected an object, got 3'],
    [[], 'a.json: expected an object, got []'],
    [{ words: 'a' }, 'a.json: words: expected a list, got a string; use ["a"]'],
    [{ words: ['a', 'B'] }, 'a.json: words[1]: expected a word, got "B"'],
    [{ words: ['a', 'a'] }, 'a.json: words: expected each item once, got "a" twice'],
    [{ rules: [{ pattern: 'a' }, 7] }, 'a.json: rules[1]: expected an object, got 7'],
    [{ rules: [{ pattern: 'A' }] }, 'a.json: rules[0].pattern: expected a word, got "A"'],
    [{ rules: [{ count: 1 }] }, 'a.json: rules[0].pattern: missing; expected a word'],
    [{ rules: [{ pattern: 'a', cuont: 1 }] }, 'a.json: rules[0].cuont: unknown setting; did you mean count?'],
  ])('%j', (value, problem) => {
    expect(said(value)).toEqual([problem]);
  });

  it('has the value to write instead, where the form knows one, as the source would spell it', () => {
    const counted: TextForm = { ...word, expected: 'a word in small letters', correction: { expected: 'a word', of: (text) => (/^[A-Z]+$/.test(text) ? text.toLowerCase() : null) } };
    const spelled = (value: unknown) => problemsOf(list('', counted, []), value, (path) => `--words${path}`, (text) => `--words ${text}`).map(formatProblem);
    expect(spelled(['ABC'])).toEqual(['--words[0]: expected a word, got "ABC"; use --words abc']);
    expect(spelled(['1'])).toEqual(['--words[0]: expected a word in small letters, got "1"']);
    expect(problemsOf(optionalText('', counted), 'ABC', () => 'a.json: w').map(formatProblem)).toEqual(['a.json: w: expected a word, got "ABC"; use "abc"']);
    expect(problemsOf(optionalText('', counted, { secret: true }), 'ABC', () => 'a.json: w').map(formatProblem)).toEqual(['a.json: w: expected a word in small letters']);
  });

  it('never shows a secret', () => {
    expect(said({ token: 'Hush' })).toEqual(['a.json: token: expected a word']);
  });

  it('suggests a sibling that is near, else the group that has the name, else nothing', () => {
    expect(said({ siez: 1 })).toEqual(['a.json: siez: unknown setting; did you mean size?']);
    expect(said({ maxHeaders: 1 })).toEqual(['a.json: maxHeaders: unknown setting; did you mean limits.maxHeaders?']);
    expect(said({ zzzzzzzzzz: 1 })).toEqual(['a.json: zzzzzzzzzz: unknown setting']);
  });

  it('names everything that is wrong, each place once', () => {
    const places = said({ size: 1.5, words: ['A', 'B'], group: { depth: -1 }, nothing: 1 }).map((line) => line.split(': ')[1]!);
    expect(places.toSorted()).toEqual(['group.depth', 'nothing', 'size', 'words[0]', 'words[1]']);
  });
});

describe('show', () => {
  it('is JSON, cut short', () => {
    expect(show({ a: ['b'] })).toBe('{"a":["b"]}');
    expect(show(undefined)).toBe('undefined');
    expect(show('x'.repeat(58))).toHaveLength(60);
    expect(show('x'.repeat(59))).toBe(`"${'x'.repeat(56)}…`);
  });
});

describe('unknownName', () => {
  it('suggests only what is near', () => {
    expect(unknownName('flag', '--htpp', ['--http', '--root'])).toBe('unknown flag; did you mean --http?');
    expect(unknownName('flag', '--nothing-like-it', ['--http', '--root'])).toBe('unknown flag');
  });
});
