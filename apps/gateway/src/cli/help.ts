// `--help`, from the schema: commands, then every flag by group with its description and default.

import { settingGroups, type Setting } from '../config/catalogue.ts';
import { fileVariable } from '../config/environment.ts';
import { toText } from '../config/text-value.ts';
import type { Command } from './run.ts';

/** Where descriptions begin. A longer flag has a line of its own. */
const indent = 32;

interface Entry {
  readonly left: string;
  readonly right: string;
}

/** The whole help, wrapped to a terminal of so many columns (at least 60, at most 110 are used). */
export function helpText(commands: readonly Command[], columns: number): string {
  const width = Math.min(110, Math.max(60, columns));
  const section = (title: string, entries: readonly Entry[]): string =>
    `${wrap(title, width).join('\n')}\n${entries.map((entry) => layOut(entry, width)).join('')}`;
  const [top, ...groups] = settingGroups;
  return [
    'sluice: topics over WebSocket, Server-Sent Events and HTTP\n',
    'usage: sluice [COMMAND] [FLAG…]\n',
    section('Commands', commands.map(({ name, summary }) => ({ left: name, right: summary }))),
    section('Flags', [
      { left: '--config FILE', right: `JSON file with settings; ${fileVariable} in the environment.` },
      ...(top?.settings ?? []).flatMap(flagEntry),
      { left: '-h, --help', right: 'Print this.' },
      { left: '-V, --version', right: 'Print the version.' },
    ]),
    ...groups.map(({ name, description, settings }) => section(`${name}: ${description}`, settings.flatMap(entryOf))),
    `${wrap(
      'Every setting can also stand in the file (limits.maxHeaders) and in the environment (SLUICE_LIMITS_MAX_HEADERS). ' +
        'Flags win over the environment, that over the file. Flags that take no value can be turned off: --no-log-access. ' +
        'Lists are separated by commas, and their flags may repeat.',
      width,
    ).join('\n')}\n`,
  ].join('\n');
}

function entryOf(setting: Setting): readonly Entry[] {
  if (!setting.notes.secret) return flagEntry(setting);
  return [{ left: setting.variable, right: `${setting.description} Not a flag: others can read those.` }];
}

function flagEntry(setting: Setting): readonly Entry[] {
  const { flag, notes, description } = setting;
  const shown = toText(setting, setting.default);
  const left = notes.placeholder === '' ? `--${flag}` : `--${flag} ${notes.placeholder}`;
  return [{ left, right: `${description} [${shown.replaceAll(/[()]/g, '')}]` }];
}

function layOut({ left, right }: Entry, width: number): string {
  const lines = wrap(right, width - indent);
  const head = `  ${left}`;
  const fits = head.length + 2 <= indent;
  const rest = (fits ? lines.slice(1) : lines).map((line) => `${' '.repeat(indent)}${line}\n`).join('');
  return fits ? `${head.padEnd(indent)}${lines[0] ?? ''}\n${rest}` : `${head}\n${rest}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
