// Values as text: how a flag or an environment variable spells what a file spells in JSON, and how values are shown.
//
// Reading never fails. A text that is not of the setting's kind stays a text, and the schema then says what was expected.

import type { Setting } from './catalogue.ts';
import { parseJsonText } from './json-text.ts';

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

/** The raw value that a text stands for, to be validated by the setting's schema. */
export function fromText(setting: Setting, text: string): unknown {
  const { kind, nullable } = setting.notes;
  if (nullable && text === '') return null;
  if (kind === 'number') return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  if (kind === 'toggle') return Object.hasOwn(words, text.toLowerCase()) ? words[text.toLowerCase()] : text;
  if (kind === 'list') return text === '' ? [] : text.split(',').map((item) => item.trim());
  if (kind === 'records') return text === '' ? [] : parseJson(text);
  return text;
}

/** A value in the words that a flag would take; secrets are only counted. */
export function toText(setting: Setting, value: unknown): string {
  const { kind, secret } = setting.notes;
  if (secret) return Array.isArray(value) ? `(${value.length} set)` : value === null ? '(not set)' : '(set)';
  if (value === null) return '(not set)';
  if (Array.isArray(value) && value.length === 0) return '(none)';
  if (kind === 'records') return JSON.stringify(value);
  if (Array.isArray(value)) return value.join(',');
  return String(value);
}

function parseJson(text: string): unknown {
  const parsed = parseJsonText(text);
  return parsed.mistakes === null ? parsed.value : text;
}
