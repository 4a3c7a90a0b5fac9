// Paths that stand in a file are relative to the file's directory, so that a file means the same wherever the gateway is started. Those of
// flags and variables are relative to the working directory, as everywhere in a shell.

import { isAbsolute, join } from 'node:path';
import type * as Schema from 'effect/Schema';
import { notesOf, withoutOptional } from './catalogue.ts';

/** A valid raw value of a setting, with `directory` in front of each relative path in it. */
export function pathsFrom(directory: string, schema: Schema.Top, value: unknown): unknown {
  const notes = notesOf(schema);
  if (Array.isArray(value)) {
    const record = notes?.record ?? null;
    return record === null ? (value as unknown[]).map((item) => pathsFrom(directory, schema, item)) : value.map((item) => fieldsFrom(directory, record, item));
  }
  return notes?.isPath === true && typeof value === 'string' && !isAbsolute(value) ? join(directory, value) : value;
}

function fieldsFrom(directory: string, record: Schema.Struct<Schema.Struct.Fields>, item: unknown): unknown {
  return Object.fromEntries(
    Object.entries(item as object).map(([key, value]) => {
      const field = record.fields[key] as Schema.Top | undefined;
      return [key, field === undefined ? value : pathsFrom(directory, withoutOptional(field), value)];
    }),
  );
}
