// What a setting is: an Effect Schema with its default, its description, and the few notes from which flags,
// environment variables, help and documentation are derived. `gateway-config.ts` is written in these words.
//
// The notes travel as a schema annotation, so the schema stays the only place where a setting is named.

import * as Schema from 'effect/Schema';

/** How a setting is written as text, in a flag or an environment variable. */
export type SettingKind = 'number' | 'toggle' | 'choice' | 'text' | 'list' | 'records';

export interface SettingNotes {
  readonly kind: SettingKind;
  /** Completes "expected …" in a problem: `a whole number from 1 to 100`. */
  readonly expected: string;
  /** The same for one item of a list. */
  readonly expectedItem: string | null;
  /** The schema of one item of a list of records. */
  readonly record: Schema.Struct<Schema.Struct.Fields> | null;
  /** Stands for the value in help: `HOST:PORT`. */
  readonly placeholder: string;
  /** Never printed, and not taken from the command line, where every user of the machine could read it. */
  readonly secret: boolean;
  /** May be unset; written as `null` in a file and as the empty text elsewhere. */
  readonly nullable: boolean;
  /** Each text in it names a file or a directory. */
  readonly isPath: boolean;
  /** How to mend a value that is nearly right. */
  readonly correction: Correction | null;
}

declare module 'effect/Schema' {
  namespace Annotations {
    interface Annotations {
      readonly setting?: SettingNotes | undefined;
    }
  }
}

export interface Correction {
  /** Completes "expected …" in front of the value to write instead: `HOST:PORT`. */
  readonly expected: string;
  /** That value; null where it cannot be told. */
  readonly of: (text: string) => string | null;
  /** What is wrong with a value for which there is none, in place of the whole form; null where that cannot be told. */
  readonly problem?: (text: string) => string | null;
}

/** The form of a text: a pattern that editors check too, and words for it. */
export interface TextForm {
  readonly placeholder: string;
  /** Completes "expected …": `a directory`. */
  readonly expected: string;
  /** With the flag `u`, without which a pattern does not reach the JSON Schema. */
  readonly pattern: RegExp;
  /** Names a file or a directory. */
  readonly isPath?: boolean;
  readonly correction?: Correction;
}

/** Bounds, both included; `zero` says what 0 means where it is outside them. No default inside of records. */
export interface WholeNumberOptions {
  readonly default?: number;
  readonly min?: number;
  readonly max: number;
  readonly zero?: string;
}

/** A whole number within bounds. Its unit is the end of the setting's name. */
export function wholeNumber(description: string, options: WholeNumberOptions) {
  const { min = 1, max, zero } = options;
  const range = `a whole number from ${min} to ${max}`;
  return Schema.Number.check(
    Schema.isInt(),
    Schema.isBetween({ minimum: zero === undefined ? min : 0, maximum: max }),
  ).annotate({
    description: zero === undefined ? description : `${description} 0: ${zero}.`,
    ...byDefault(options.default),
    setting: notes('number', zero === undefined ? range : `${range}, or 0 for ${zero}`, 'N'),
  });
}

/** On or off. */
export function toggle(description: string, initially: boolean) {
  return Schema.Boolean.annotate({
    description,
    ...byDefault(initially),
    setting: notes('toggle', 'true or false', ''),
  });
}

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(
  description: string,
  words: Words,
  initially?: Words[number],
) {
  return Schema.Literals(words).annotate({
    description,
    ...byDefault(initially),
    setting: notes('choice', `one of ${words.join(', ')}`, words.join('|')),
  });
}

/** A text of a certain form. */
export function text(description: string, form: TextForm, initially?: string) {
  return formed(form).annotate({
    description,
    ...byDefault(initially),
    setting: textNotes(form),
  });
}

/** A text that may be unset (`null`), and is by default. */
export function optionalText(description: string, form: TextForm, options: { readonly secret?: boolean } = {}) {
  return Schema.NullOr(formed(form)).annotate({
    description,
    ...byDefault(null),
    setting: { ...textNotes(form), ...options, nullable: true },
  });
}

/** Texts of one form, each at most once: an array in a file; commas between them elsewhere, and flags may repeat. */
export function list(
  description: string,
  form: TextForm,
  initially: readonly string[],
  options: { readonly secret?: boolean } = {},
) {
  const { secret = false } = options;
  const expected = `a list without duplicates; each item is ${form.expected}`;
  return Schema.Array(formed(form))
    .check(Schema.isUnique())
    .annotate({
      description,
      ...byDefault(initially),
      setting: { ...textNotes(form), kind: 'list', expected, placeholder: `${form.placeholder},…`, expectedItem: form.expected, secret },
    });
}

/** A list of small objects, tried in order; JSON in flags and the environment. Empty by default. */
export function records<Fields extends Schema.Struct.Fields>(description: string, record: Schema.Struct<Fields>) {
  return Schema.Array(record).annotate({
    description,
    ...byDefault([]),
    setting: {
      ...notes('records', `a list of objects with ${Object.keys(record.fields).join(', ')}`, 'JSON'),
      expectedItem: 'an object',
      record,
    },
  });
}

function formed(form: TextForm) {
  return Schema.String.check(Schema.isPattern(form.pattern));
}

function notes(kind: SettingKind, expected: string, placeholder: string): SettingNotes {
  return { kind, expected, expectedItem: null, record: null, placeholder, secret: false, nullable: false, isPath: false, correction: null };
}

function textNotes({ expected, placeholder, isPath = false, correction }: TextForm): SettingNotes {
  return { ...notes('text', expected, placeholder), isPath, correction: correction ?? null };
}

function byDefault<Value>(value: Value | undefined): { readonly default?: Value } {
  return value === undefined ? {} : { default: value };
}
