// An empty variable unsets a setting, as asked. Of a secret that is rarely meant: `SLUICE_AUTH_TOKENS=${TOKENS}` with TOKENS unset would take
// away the tokens of the file, so there is a warning. There is one, too, if the file that a variable names for a secret is empty.

import { settings } from './catalogue.ts';
import type { Problem } from './problems.ts';
import type { Layer } from './sources.ts';

/** `below` are the layers that the environment overrules. */
export function emptiedSecrets(below: readonly Layer[], environment: Layer): Problem[] {
  return settings.flatMap(({ path, notes }) => {
    const own = notes.secret ? environment.values.get(path) : undefined;
    const overruled = below.map(({ values }) => values.get(path)).findLast((layer) => layer !== undefined);
    if (own === undefined || !isEmpty(own.value)) return [];
    if (overruled === undefined || isEmpty(overruled.value)) {
      return own.source.name.endsWith('_FILE') ? [{ where: own.source.name, message: `the file is empty, so ${path} is not set` }] : [];
    }
    return [{ where: own.source.name, message: `is empty, so ${path} in ${overruled.source.name} does not count; unset the variable to use it` }];
  });
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
