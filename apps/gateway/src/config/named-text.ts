// The text of a flag or a variable, read and checked.

import { parseJsonText } from './json-text.ts';
import { problemsOf, type Problem } from './problems.ts';
import type { Setting } from './catalogue.ts';
import { fromText } from './text-value.ts';

export interface NamedText {
  /** Raw, and valid where there is no problem. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/** `spell` writes another value as it would stand there: `--http 127.0.0.1:80`. */
export function readNamedText(setting: Setting, name: string, text: string, spell: (value: string) => string): NamedText {
  const value = fromText(setting, text);
  if (setting.notes.kind === 'records' && /^\s*[[{]/.test(text)) {
    const { mistakes } = parseJsonText(text);
    if (mistakes !== null) return { value, problems: mistakes.map(({ line, column, message }) => ({ where: `${name}: line ${line}, column ${column}`, message })) };
  }
  return { value, problems: problemsOf(setting.schema, value, (path) => placeInside(name, setting, path), spell) };
}

/** A place inside the value. An item of a plain list needs no number: it is shown. */
function placeInside(name: string, setting: Setting, path: string): string {
  return setting.notes.kind === 'list' && !setting.notes.secret ? name : `${name}${path}`;
}
