// The flat list of all settings, derived from the schema: path, environment variable, flag, default, description.
//
//     limits.maxMessageBytes   SLUICE_LIMITS_MAX_MESSAGE_BYTES   --limits-max-message-bytes

import * as Schema from 'effect/Schema';
import { GatewayConfig } from './gateway-config.ts';
import type { SettingNotes } from './setting.ts';

export interface Setting {
  /** Where it stands in a file: `limits.maxMessageBytes`. */
  readonly path: string;
  readonly keys: readonly string[];
  /** First key, or the empty text for the settings that stand at the top. */
  readonly group: string;
  readonly variable: string;
  /** Without dashes. The flag of a secret is known, and refused. */
  readonly flag: string;
  readonly description: string;
  /** As written in a file. */
  readonly default: unknown;
  readonly notes: SettingNotes;
  readonly schema: Schema.Top;
}

export interface SettingGroup {
  /** Empty for the settings that stand at the top. */
  readonly name: string;
  readonly description: string;
  readonly settings: readonly Setting[];
}

/** Prefix of every environment variable that is ours. */
export const variablePrefix = 'SLUICE_';

/** A schema that is a group of settings rather than one. */
export function isGroup(schema: Schema.Top): schema is Schema.Struct<Schema.Struct.Fields> {
  return 'fields' in schema && notesOf(schema) === undefined;
}

/** The schema of a key that may be absent, without that. */
export function withoutOptional(schema: Schema.Top): Schema.Top {
  return 'schema' in schema && !('fields' in schema) ? (schema.schema as Schema.Top) : schema;
}

/** What the schema of a setting says about it; nothing for a group. */
export function notesOf(schema: Schema.Top): SettingNotes | undefined {
  return Schema.resolveAnnotations(schema)?.setting;
}

/** Every setting, in the schema's order. */
export const settings: readonly Setting[] = collect(GatewayConfig, []);

/** The settings by their group, those without one first. */
export const settingGroups: readonly SettingGroup[] = [...new Set(settings.map((setting) => setting.group))].map(
  (name) => ({ name, description: groupDescription(name), settings: settings.filter(({ group }) => group === name) }),
);

const byVariable = new Map(settings.map((setting) => [setting.variable, setting]));
const byFlag = new Map(settings.map((setting) => [setting.flag, setting]));

export const settingOfVariable = (variable: string): Setting | undefined => byVariable.get(variable);
export const settingOfFlag = (flag: string): Setting | undefined => byFlag.get(flag);

/** The setting's value in a configuration, or in any object of the same shape; `undefined` where it is absent. */
export function valueAt(root: unknown, keys: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function collect(group: Schema.Struct<Schema.Struct.Fields>, above: readonly string[]): Setting[] {
  return Object.entries(group.fields).flatMap(([key, field]) => {
    const keys = [...above, key];
    const schema = field as Schema.Top;
    return isGroup(schema) ? collect(schema, keys) : [settingOf(schema, keys)];
  });
}

function settingOf(schema: Schema.Top, keys: readonly string[]): Setting {
  const annotations = Schema.resolveAnnotations(schema);
  const notes = annotations?.setting;
  if (notes === undefined) throw new Error(`${keys.join('.')} has no notes: make it with a function of setting.ts`);
  const words = keys.flatMap((key) => key.split(/(?=[A-Z])/)).map((word) => word.toLowerCase());
  return {
    path: keys.join('.'),
    keys,
    group: keys.length > 1 ? (keys[0] as string) : '',
    variable: `${variablePrefix}${words.join('_').toUpperCase()}`,
    flag: words.join('-'),
    description: annotations?.description ?? '',
    default: annotations?.default,
    notes,
    schema,
  };
}

function groupDescription(name: string): string {
  const schema = (GatewayConfig.fields as Schema.Struct.Fields)[name];
  if (schema === undefined) return 'What it serves, and where.';
  return Schema.resolveAnnotations(schema as Schema.Top)?.description ?? '';
}
