// The words a configuration is written in: what each takes, says about itself, and has as its default.

import * as Result from 'effect/Result';
import * as Schema from 'effect/Schema';
import { describe, expect, it } from 'vitest';
import { notesOf } from '../../src/config/catalogue.ts';
import { choice, list, optionalText, records, text, toggle, wholeNumber, type TextForm } from '../../src/config/setting.ts';

const word: TextForm = { placeholder: 'WORD', expected: 'a word', pattern: /^[a-z]+$/u };

function takes(schema: Schema.Top, value: unknown): boolean {
  return Result.isSuccess(Schema.decodeUnknownResult(schema as Schema.Codec<unknown, unknown>)(value));
}

const annotationsOf = (schema: Schema.Top) => Schema.resolveAnnotations(schema);

describe('wholeNumber', () => {
  const schema = wholeNumber('Bytes.', { default: 5, min: 2, max: 9 });

  it.each([[2, true], [9, true], [1, false], [10, false], [0, false], [2.5, false], [Number.NaN, false], ['3', false], [null, false]])(
    'takes %j: %s',
    (value, taken) => expect(takes(schema, value)).toBe(taken),
  );

  it('says its bounds and has its default', () => {
    expect(notesOf(schema)).toMatchObject({ kind: 'number', expected: 'a whole number from 2 to 9', placeholder: 'N', secret: false });
    expect(annotationsOf(schema)).toMatchObject({ default: 5, description: 'Bytes.' });
  });

  it('begins at 1 by itself', () => {
    expect(notesOf(wholeNumber('', { default: 1, max: 3 }))?.expected).toBe('a whole number from 1 to 3');
  });

  it('takes 0 where that means something, and says what', () => {
    const timeout = wholeNumber('Silence.', { default: 5, max: 9, zero: 'never' });
    expect([takes(timeout, 0), takes(timeout, -1)]).toEqual([true, false]);
    expect(notesOf(timeout)?.expected).toBe('a whole number from 1 to 9, or 0 for never');
    expect(annotationsOf(timeout)?.description).toBe('Silence. 0: never.');
  });

  it('has no default inside of records', () => {
    expect(annotationsOf(wholeNumber('', { max: 3 }))).not.toHaveProperty('default');
  });
});

describe('toggle, choice, text', () => {
  it('take what they say, and nothing like it', () => {
    expect([true, false, 'true', 1].map((value) => takes(toggle('', false), value))).toEqual([true, true, false, false]);
    const level = choice('', ['low', 'high'], 'low');
    expect(['low', 'high', 'Low', '', null].map((value) => takes(level, value))).toEqual([true, true, false, false, false]);
    expect(['abc', 'ABC', '', null].map((value) => takes(text('', word, 'abc'), value))).toEqual([true, false, false, false]);
  });

  it('say so', () => {
    expect(notesOf(toggle('', true))).toMatchObject({ kind: 'toggle', expected: 'true or false', placeholder: '' });
    expect(notesOf(choice('', ['low', 'high']))).toMatchObject({ kind: 'choice', expected: 'one of low, high', placeholder: 'low|high' });
    expect(notesOf(text('', word))).toMatchObject({ kind: 'text', expected: 'a word', placeholder: 'WORD', nullable: false });
  });

  it('have their defaults, also one that is false', () => {
    expect(annotationsOf(toggle('', false))?.default).toBe(false);
    expect(annotationsOf(choice('', ['low', 'high'], 'high'))?.default).toBe('high');
    expect(annotationsOf(text('', word, 'abc'))?.default).toBe('abc');
  });
});

describe('optionalText', () => {
  it('may be unset, and is by default', () => {
    const schema = optionalText('', word);
    expect([null, 'abc', 'ABC', ''].map((value) => takes(schema, value))).toEqual([true, true, false, false]);
    expect(annotationsOf(schema)?.default).toBeNull();
    expect(notesOf(schema)).toMatchObject({ nullable: true, secret: false });
    expect(notesOf(optionalText('', word, { secret: true }))?.secret).toBe(true);
  });
});

describe('list', () => {
  it('takes each item once, and every item in its form', () => {
    const schema = list('', word, ['a']);
    expect([[], ['a', 'b'], ['a', 'a'], ['A'], 'a'].map((value) => takes(schema, value))).toEqual([true, true, false, false, false]);
    expect(annotationsOf(schema)?.default).toEqual(['a']);
    expect(notesOf(schema)).toMatchObject({
      kind: 'list', expected: 'a list without duplicates; each item is a word', expectedItem: 'a word', placeholder: 'WORD,…',
    });
  });

  it('may be of secrets', () => {
    expect(notesOf(list('', word, [], { secret: true }))).toMatchObject({ secret: true });
  });
});

describe('records', () => {
  it('takes a list of objects with their fields, and has none by default', () => {
    const record = Schema.Struct({ name: text('', word), count: Schema.optionalKey(wholeNumber('', { max: 3 })) });
    const schema = records('', record);
    expect([[], [{ name: 'a' }], [{ name: 'a', count: 3 }], [{ count: 3 }], [{ name: 'A' }], {}].map((value) => takes(schema, value))).toEqual([
      true, true, true, false, false, false,
    ]);
    expect(annotationsOf(schema)?.default).toEqual([]);
    expect(notesOf(schema)).toMatchObject({ kind: 'records', expected: 'a list of objects with name, count', expectedItem: 'an object', record });
  });
});
