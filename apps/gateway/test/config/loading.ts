// Loads a configuration in a test: arguments, environment and file as plain values.

import { formatProblem, loadConfig, type LoadedConfig } from '../../src/config/index.ts';

export interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Content of `sluice.json`, which is then the configuration file: a text, or a value to be written as JSON. */
  readonly file?: unknown;
  /** Content of further files by their path, in the same forms. */
  readonly files?: Readonly<Record<string, unknown>>;
}

export function load({ argv = [], env = {}, file, files = {} }: Given = {}) {
  const contents: Readonly<Record<string, unknown>> = { 'sluice.json': file, ...files };
  return loadConfig({
    argv,
    env: file === undefined ? env : { SLUICE_CONFIG: 'sluice.json', ...env },
    readFile: (path) => {
      const content = contents[path];
      if (content === undefined) throw new Error(`ENOENT: no such file: ${path}`);
      return typeof content === 'string' ? content : JSON.stringify(content);
    },
  });
}

/** The configuration, which has to be a good one. */
export function loaded(given: Given = {}): LoadedConfig {
  const result = load(given);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result;
}

/** The problems as printed; none where the configuration is good. */
export function problems(given: Given): string[] {
  const result = load(given);
  return result.ok ? [] : result.problems.map(formatProblem);
}
