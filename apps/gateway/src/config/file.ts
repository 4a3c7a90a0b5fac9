// Settings from a JSON file. Every key is optional, groups are objects, and `$schema` may name the schema for editors. Relative paths are
// relative to the file's directory.

import { dirname } from 'node:path';
import * as Schema from 'effect/Schema';
import { isGroup, settings, valueAt } from './catalogue.ts';
import { GatewayConfig } from './gateway-config.ts';
import { parseJsonText } from './json-text.ts';
import { pathsFrom } from './paths.ts';
import { problemsOf, type Problem } from './problems.ts';
import type { Layer, LayerValue } from './sources.ts';

/** What a configuration file may hold: the settings, each optional. The JSON Schema for editors is made from this. */
export const ConfigFile = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String.annotate({ description: 'The JSON Schema of this file, for editors.' })),
  ...partial(GatewayConfig),
}).annotate({ title: 'Sluice gateway configuration' });

/** Reads a file's text; throws where it cannot. */
export type ReadFile = (path: string) => string;

export function readConfigFile(path: string, readFile: ReadFile): Layer {
  const content = read(path, readFile);
  if ('problems' in content) return { values: new Map(), problems: content.problems, warnings: [] };
  const problems = problemsOf(ConfigFile, content.json, (place) => (place === '' ? path : `${path}: ${place}`));
  const values = new Map<string, LayerValue>();
  for (const setting of settings) {
    const value = valueAt(content.json, setting.keys);
    // Of a file with a problem, the settings that have none count: what hangs on them can be checked all the same.
    const isGood = problems.length === 0 || problemsOf(setting.schema, value, (place) => place).length === 0;
    if (value === undefined || !isGood) continue;
    values.set(setting.path, { value: pathsFrom(dirname(path), setting.schema, value), source: { from: 'file', name: path } });
  }
  return { values, problems, warnings: [] };
}

function read(path: string, readFile: ReadFile): { readonly json: unknown } | { readonly problems: Problem[] } {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return { problems: [{ where: path, message: `cannot be read: ${messageOf(error)}` }] };
  }
  // Editors on some platforms begin a file with a byte order mark.
  const parsed = parseJsonText(text.replace(/^\uFEFF/, ''));
  if (parsed.mistakes === null) return { json: parsed.value };
  return { problems: parsed.mistakes.map(({ line, column, message }) => ({ where: `${path}:${line}:${column}`, message })) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function partial(group: Schema.Struct<Schema.Struct.Fields>): Schema.Struct.Fields {
  return Object.fromEntries(
    Object.entries(group.fields).map(([key, field]) => {
      const schema = field as Schema.Top;
      if (!isGroup(schema)) return [key, Schema.optionalKey(schema)];
      const description = Schema.resolveAnnotations(schema)?.description;
      return [key, Schema.optionalKey(Schema.Struct(partial(schema)).annotate({ description }))];
    }),
  );
}
