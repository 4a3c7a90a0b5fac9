// What can be wrong with a configuration, in words that name the place and say what was expected there:
//
//     sluice.json: limits.maxMessageBytes: expected a whole number from 1 to 1073741824, got "x"
//     SLUICE_HTTP: expected HOST:PORT, got "8080"; use SLUICE_HTTP=127.0.0.1:8080
//     --limits-max-message-bites: unknown flag; did you mean --limits-max-message-bytes?
//
// The schema decides what is wrong; the words come from the setting's notes, so that they are the same everywhere.

import * as Result from 'effect/Result';
import * as Schema from 'effect/Schema';
import type * as SchemaAST from 'effect/SchemaAST';
import * as SchemaIssue from 'effect/SchemaIssue';
import { isGroup, notesOf, settings, valueAt, withoutOptional } from './catalogue.ts';
import { listenMeant } from './address-meant.ts';
import { nearest } from './nearest.ts';
import type { SettingNotes } from './setting.ts';

export interface Problem {
  /** File and path, variable, or flag. */
  readonly where: string;
  readonly message: string;
}

/** Writes a value as it would stand in the source: `--http 127.0.0.1:8080`, or JSON. */
type Spell = (value: string) => string;

export function formatProblem(problem: Problem): string {
  return `${problem.where}: ${problem.message}`;
}

const strictly: SchemaAST.ParseOptions = { errors: 'all', onExcessProperty: 'error' };

// Only the place of an issue and its tag are taken from here; see `describe` for the words.
const flatten = SchemaIssue.makeFormatterStandardSchemaV1({ leafHook: (issue) => issue._tag, checkHook: () => 'Filter' });

/**
 * Everything that is wrong with a raw value, each problem once.
 * `where` turns a path inside the value (`limits.maxMessageBytes`, `[1]`, or empty) into the place to be named; `spell` writes another value
 * as it would stand there.
 */
export function problemsOf(schema: Schema.Top, value: unknown, where: (path: string) => string, spell: Spell = JSON.stringify): Problem[] {
  const decoded = Schema.decodeUnknownResult(schema as Schema.Codec<unknown, unknown>, strictly)(value);
  if (Result.isSuccess(decoded)) return [];
  const problems = new Map<string, Problem>();
  for (const { path: segments = [], message: tag } of flatten(decoded.failure.issue).issues) {
    const path = segments.map((segment) => (typeof segment === 'object' ? segment.key : segment));
    const place = formatPath(path);
    if (problems.has(place)) continue;
    problems.set(place, { where: where(place), message: describe(schema, value, path, tag, spell) });
  }
  return [...problems.values()];
}

/** `unknown …`, with the nearest known name where there is one near. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === null ? `unknown ${kind}` : `unknown ${kind}; did you mean ${meant}?`;
}

/** A raw value as shown in a problem: JSON, cut short. */
export function show(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

/** `limits.maxBytes`, `http[1]`, `history.overrides[0].pattern`. */
function formatPath(path: readonly PropertyKey[]): string {
  let formatted = '';
  for (const key of path) {
    if (typeof key === 'number') formatted += `[${key}]`;
    else formatted += formatted === '' ? String(key) : `.${String(key)}`;
  }
  return formatted;
}

function describe(root: Schema.Top, value: unknown, path: readonly PropertyKey[], tag: string, spell: Spell): string {
  if (tag === 'UnexpectedKey') return describeUnknown(root, value, path);
  const { expected, notes, isItem } = expectationAt(root, path);
  if (tag === 'MissingKey') return `missing; expected ${expected}`;
  const actual = valueAt(value, path);
  if (notes?.kind === 'list' && !isItem) return describeList(notes, actual);
  if (notes?.secret === true) return `expected ${expected}`;
  const correction = notes?.correction ?? null;
  const meant = correction === null || !isScalar(actual) ? null : correction.of(String(actual));
  if (correction !== null && meant !== null) return `expected ${correction.expected}, got ${show(actual)}; use ${spell(meant)}`;
  const problem = isScalar(actual) ? (correction?.problem?.(String(actual)) ?? null) : null;
  if (correction !== null && problem !== null) return `expected ${correction.expected}, got ${show(actual)}: ${problem}`;
  return `expected ${expected}, got ${show(actual)}`;
}

/** Of a list that is none, or has an item twice. */
function describeList({ correction, secret }: SettingNotes, actual: unknown): string {
  if (Array.isArray(actual)) {
    const items: unknown[] = actual;
    const repeated = items.find((item, index) => items.indexOf(item) < index);
    return `expected each item once, got ${secret ? 'one' : show(repeated)} twice`;
  }
  const message = `expected a list, got ${kindOf(actual)}`;
  if (secret || !isScalar(actual)) return message;
  const items = String(actual).split(',').map((item) => item.trim());
  return `${message}; use ${JSON.stringify(items.map((item) => correction?.of(item) ?? item))}`;
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function describeUnknown(root: Schema.Top, value: unknown, path: readonly PropertyKey[]): string {
  const name = String(path.at(-1));
  const siblings = Object.keys(fieldsAt(root, path.slice(0, -1)));
  const actual = valueAt(value, path);
  const address = path.length === 1 && siblings.includes('http') ? listenMeant(name, isScalar(actual) ? String(actual) : undefined) : null;
  if (address !== null) return `unknown setting; use "http": ${JSON.stringify([address])}`;
  if (nearest(name, siblings) !== null) return unknownName('setting', name, siblings);
  // Perhaps it is known by that name in another group.
  const elsewhere = settings.find(({ keys }) => keys.at(-1) === name);
  return elsewhere === undefined ? 'unknown setting' : `unknown setting; did you mean ${elsewhere.path}?`;
}

interface Expectation {
  readonly expected: string;
  /** Null for a group. */
  readonly notes: SettingNotes | null;
  /** Of an item of a list, and not of the list. */
  readonly isItem: boolean;
}

/** What the schema expects at a path: of a group, a setting, an item of a list, or a field of such an item. */
function expectationAt(root: Schema.Top, path: readonly PropertyKey[]): Expectation {
  const [first, ...rest] = path;
  const notes = notesOf(root);
  if (notes === undefined) {
    const field = first === undefined ? undefined : fieldsOf(root)[first];
    return field === undefined ? { expected: 'an object', notes: null, isItem: false } : expectationAt(field as Schema.Top, rest);
  }
  const { expected, expectedItem, record } = notes;
  if (first === undefined) return { expected, notes, isItem: false };
  return rest.length === 0 || record === null ? { expected: expectedItem ?? expected, notes, isItem: true } : expectationAt(record, rest);
}

/** The fields of the group, or of the record, at a path. */
function fieldsAt(root: Schema.Top, path: readonly PropertyKey[]): Schema.Struct.Fields {
  const [first, ...rest] = path;
  const record = notesOf(root)?.record ?? null;
  if (record !== null) return fieldsAt(record, rest);
  return first === undefined ? fieldsOf(root) : fieldsAt(fieldsOf(root)[first] as Schema.Top, rest);
}

function fieldsOf(schema: Schema.Top): Schema.Struct.Fields {
  const inner = withoutOptional(schema);
  return isGroup(inner) ? inner.fields : {};
}
