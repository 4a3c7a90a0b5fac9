// Settings from the environment: SLUICE_HTTP, SLUICE_LIMITS_MAX_MESSAGE_BYTES, …
//
// A variable that starts like ours and is not is a warning rather than a problem: orchestrators add variables of
// their own (a Kubernetes service called `sluice` brings SLUICE_PORT), and they must not keep the gateway from starting.

import { settingOfVariable, settings, variablePrefix, type Setting } from './catalogue.ts';
import { problemsOf, unknownName, type Problem } from './problems.ts';
import type { Layer, LayerValue } from './sources.ts';
import { fromText } from './text-value.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file, where `--config` does not. */
export const fileVariable: string = `${variablePrefix}CONFIG`;

export function readEnvironment(environment: Environment): Layer {
  const values = new Map<string, LayerValue>();
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith(variablePrefix) || name === fileVariable) continue;
    const setting = settingOfVariable(name);
    if (setting === undefined) {
      const message = unknownName('variable', name, [fileVariable, ...settings.map(({ variable }) => variable)]);
      warnings.push({ where: name, message });
      continue;
    }
    const value = fromText(setting, text);
    const found = problemsOf(setting.schema, value, (path) => placeInside(name, setting, path));
    problems.push(...found);
    if (found.length === 0) values.set(setting.path, { value, source: { from: 'environment', name } });
  }
  return { values, problems, warnings };
}

/** A place inside a variable's or a flag's value. An item of a plain list needs no number: it is shown. */
export function placeInside(name: string, setting: Setting, path: string): string {
  if (setting.notes.kind === 'list' && !setting.notes.secret) return name;
  return `${name}${path}`;
}
