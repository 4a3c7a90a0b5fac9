// Loads a configuration: flags over environment over file over a file of defaults over the defaults of the schema.
//
// Each source is validated on its own and in full, so one run names everything that is wrong, also what another source
// would have overruled, and what is wrong with the files that settings name. The rules between settings are checked when nothing is
// wrong with any one of them.

import * as Schema from 'effect/Schema';
import { readMaterial, type TlsMaterial } from '../tls/material.ts';
import { settings } from './catalogue.ts';
import { emptiedSecrets } from './emptied-secrets.ts';
import { defaultsVariable, fileVariable, readEnvironment, type Environment } from './environment.ts';
import type { DirectoryProblem } from './directories.ts';
import { readConfigFile, type ReadFile } from './file.ts';
import { readFlags } from './flags.ts';
import { GatewayConfig } from './gateway-config.ts';
import type { Problem } from './problems.ts';
import { locator } from './places.ts';
import { brokenRules, doubtful } from './rules.ts';
import type { Layer, LayerValue, Source } from './sources.ts';

export interface LoadOptions {
  /** Arguments after the command. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly readFile: ReadFile;
  /** Looks at the directories that settings name. Default: they are not looked at. */
  readonly directoryProblem?: DirectoryProblem;
}

export interface LoadedConfig {
  readonly ok: true;
  readonly config: GatewayConfig;
  /** Where each setting, by its path, comes from. */
  readonly sources: ReadonlyMap<string, Source>;
  /** The configuration file that was read. */
  readonly file: string | null;
  /** Certificates and keys, read and checked; null without any. */
  readonly tls: TlsMaterial | null;
  readonly warnings: readonly Problem[];
}

export interface RefusedConfig {
  readonly ok: false;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

const nothing: Layer = { values: new Map(), problems: [], warnings: [] };

/** Gives the whole configuration, or everything that is wrong with it. Reads nothing but through the functions it is given. */
export function loadConfig({ argv, env, readFile, directoryProblem = () => null }: LoadOptions): LoadedConfig | RefusedConfig {
  const flags = readFlags(argv);
  const environment = readEnvironment(env, readFile);
  const file = flags.file ?? (env[fileVariable] || null);
  const defaults = env[defaultsVariable] || null;
  const files = [defaults, file].map((path) => (path === null ? nothing : readConfigFile(path, readFile)));
  const layers = [...files, environment, flags];
  const problems = layers.flatMap((layer) => layer.problems);
  const warnings = [...layers.flatMap((layer) => layer.warnings), ...emptiedSecrets(files, environment)];

  const { config, sources } = merge(layers);
  const locate = locator(sources);
  const { material, ...found } = readMaterial(config, locate, readFile);
  const { root } = config;
  const rootProblem = root === null ? null : directoryProblem(root);
  // Rules between settings mean nothing where one of them could not be read. Files can be looked at all the same.
  const broken = [...problems, ...(problems.length > 0 ? [] : brokenRules(config, locate)), ...found.problems];
  if (rootProblem !== null) broken.push({ where: locate('root'), message: `${root} ${rootProblem}` });
  if (broken.length > 0) return { ok: false, problems: broken, warnings };
  return { ok: true, config, sources, file, tls: material, warnings: [...warnings, ...doubtful(config, locate), ...found.warnings] };
}

/** Later layers win, setting by setting: a list replaces a list. */
function merge(layers: readonly Layer[]): { config: GatewayConfig; sources: Map<string, Source> } {
  const sources = new Map<string, Source>();
  const raw: Record<string, unknown> = {};
  for (const setting of settings) {
    let chosen: LayerValue = { value: setting.default, source: { from: 'default', name: setting.path } };
    for (const layer of layers) chosen = layer.values.get(setting.path) ?? chosen;
    place(raw, setting.keys, chosen.value);
    sources.set(setting.path, chosen.source);
  }
  return { config: Schema.decodeUnknownSync(GatewayConfig)(raw), sources };
}

function place(root: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  let group = root;
  for (const key of keys.slice(0, -1)) group = (group[key] ??= {}) as Record<string, unknown>;
  group[keys.at(-1) as string] = value;
}
