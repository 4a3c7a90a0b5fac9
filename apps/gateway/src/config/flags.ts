// Settings from the command line: `--http 127.0.0.1:8080`, `--demo`, `--no-log-access`, `--limits-max-message-bytes=65536`.
//
// Node's own parseArgs splits the arguments into tokens; which flags there are, and what they take, comes from the schema.

import { parseArgs } from 'node:util';
import { listenMeant } from './address-meant.ts';
import { settingOfFlag, settings, type Setting } from './catalogue.ts';
import { readNamedText } from './named-text.ts';
import { unknownName, type Problem } from './problems.ts';
import type { Layer, LayerValue } from './sources.ts';

export interface Flags extends Layer {
  /** The value of `--config`. */
  readonly file: string | null;
}

const fileFlag = 'config';

const options = Object.fromEntries(
  settings.map(({ flag, notes }) => [flag, { type: notes.kind === 'toggle' ? 'boolean' : 'string' } as const]),
);

export function readFlags(argv: readonly string[]): Flags {
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, [fileFlag]: { type: 'string' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const texts = new Map<Setting, FlagText>();
  const problems: Problem[] = [];
  let file: string | null = null;
  let unknownBefore = false;
  for (const [at, token] of tokens.entries()) {
    // What follows an unknown flag is most likely its value: one problem, not two.
    if (token.kind === 'positional' && !unknownBefore) problems.push({ where: token.value, message: 'unexpected argument' });
    unknownBefore = false;
    if (token.kind !== 'option') continue;
    const found = flagOf(token.name);
    // `--root --demo` forgot the directory; `--root=--demo` means it.
    const missing = token.value === undefined || (token.inlineValue !== true && token.value.startsWith('--'));
    if (token.name === fileFlag) {
      if (missing) problems.push({ where: token.rawName, message: 'expected a file after it' });
      else file = token.value as string;
    } else if (found === null) {
      const next = tokens[at + 1];
      problems.push({ where: token.rawName, message: unknownFlag(token.name, token.value ?? (next?.kind === 'positional' ? next.value : undefined)) });
      unknownBefore = token.value === undefined;
    } else if (found.setting.notes.secret) {
      const message = `a secret does not belong on a command line; use ${found.setting.variable} or a file`;
      problems.push({ where: token.rawName, message });
    } else if (found.setting.notes.kind === 'toggle') {
      if (found.negated && token.value !== undefined) problems.push({ where: token.rawName, message: 'takes no value' });
      else texts.set(found.setting, { name: token.rawName, texts: [found.negated ? 'false' : (token.value ?? 'true')] });
    } else if (missing) {
      problems.push({ where: token.rawName, message: `expected ${found.setting.notes.expectedItem ?? found.setting.notes.expected} after it` });
    } else {
      add(texts, found.setting, token.rawName, token.value as string, problems);
    }
  }
  return { ...validate(texts, problems), file };
}

interface FlagText {
  readonly name: string;
  readonly texts: string[];
}

/** Lists grow by repetition; of anything else, saying it twice is a mistake. */
function add(texts: Map<Setting, FlagText>, setting: Setting, name: string, text: string, problems: Problem[]): void {
  const said = texts.get(setting);
  if (said === undefined) texts.set(setting, { name, texts: [text] });
  else if (setting.notes.kind === 'list') said.texts.push(text);
  else problems.push({ where: name, message: 'given more than once' });
}

function validate(texts: ReadonlyMap<Setting, FlagText>, problems: Problem[]): Layer {
  const values = new Map<string, LayerValue>();
  for (const [setting, said] of texts) {
    const { value, problems: found } = readNamedText(setting, said.name, said.texts.join(','), (other) => `${said.name} ${other}`);
    problems.push(...found);
    if (found.length === 0) values.set(setting.path, { value, source: { from: 'flag', name: said.name } });
  }
  return { values, problems, warnings: [] };
}

function flagOf(name: string): { readonly setting: Setting; readonly negated: boolean } | null {
  const setting = settingOfFlag(name);
  if (setting !== undefined) return { setting, negated: false };
  const positive = name.startsWith('no-') ? settingOfFlag(name.slice(3)) : undefined;
  return positive?.notes.kind === 'toggle' ? { setting: positive, negated: true } : null;
}

function unknownFlag(name: string, value: string | undefined): string {
  const address = listenMeant(name, value);
  if (address !== null) return `unknown flag; use --http HOST:PORT, like --http ${address}`;
  const known = settings.flatMap(({ flag, notes }) => (notes.secret ? [] : [`--${flag}`]));
  return unknownName('flag', `--${name}`, [...known, `--${fileFlag}`, '--help', '--version']);
}
