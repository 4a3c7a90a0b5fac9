// Settings from the environment: SLUICE_HTTP, SLUICE_LIMITS_MAX_MESSAGE_BYTES, …
//
// A variable whose name ends in _FILE names a file that holds the value, as Docker's and systemd's secrets do: SLUICE_AUTH_TOKENS_FILE.
//
// A variable that starts like ours and is not is a warning rather than a problem: orchestrators add variables of
// their own (a Kubernetes service called `sluice` brings SLUICE_PORT), and they must not keep the gateway from starting.

import { addressMeant, listenMeant } from './address-meant.ts';
import { settingOfVariable, settings, variablePrefix, type Setting } from './catalogue.ts';
import type { ReadFile } from './file.ts';
import { readNamedText } from './named-text.ts';
import { unknownName, type Problem } from './problems.ts';
import type { Layer, LayerValue } from './sources.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file, where `--config` does not. */
export const fileVariable: string = `${variablePrefix}CONFIG`;
/** Names a file of the same form whose values give way to those of every other source: the defaults of whoever starts the gateway. */
export const defaultsVariable: string = `${variablePrefix}DEFAULTS`;
const fileVariables = [fileVariable, defaultsVariable];

export function readEnvironment(environment: Environment, readFile: ReadFile): Layer {
  const values = new Map<string, LayerValue>();
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith(variablePrefix) || fileVariables.includes(name)) continue;
    const own = settingOfVariable(name);
    const setting = own ?? settingOfVariable(name.replace(/_FILE$/, ''));
    if (setting === undefined) {
      warnings.push({ where: name, message: unknownVariable(name, text) });
      continue;
    }
    let content: string;
    try {
      content = own === undefined ? fileValue(setting, readFile(text)) : text;
    } catch (error) {
      problems.push({ where: name, message: `${text} cannot be read: ${error instanceof Error ? error.message : String(error)}` });
      continue;
    }
    if (own === undefined && environment[setting.variable] !== undefined) {
      problems.push({ where: name, message: `${setting.variable} is set too; remove one of them` });
      continue;
    }
    const read = readNamedText(setting, name, content, (value) => (own === undefined ? value : `${name}=${value}`));
    problems.push(...read.problems);
    if (read.problems.length === 0) values.set(setting.path, { value: read.value, source: { from: 'environment', name } });
  }
  return { values, problems, warnings };
}

/** A file's value: without the line end behind it; of a list, one item a line is possible. */
function fileValue(setting: Setting, content: string): string {
  const value = content.trim();
  return setting.notes.kind === 'list' ? value.replace(/\s*\r?\n\s*/g, ',') : value;
}

function unknownVariable(name: string, text: string): string {
  const address = addressMeant(text) === null ? null : listenMeant(name.slice(variablePrefix.length).toLowerCase(), text);
  if (address !== null) return `unknown variable; use SLUICE_HTTP=HOST:PORT, like SLUICE_HTTP=${address}`;
  return unknownName('variable', name, [...fileVariables, ...settings.map(({ variable }) => variable)]);
}
