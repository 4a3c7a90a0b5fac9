// The JSON Schema (draft 2020-12) of the configuration file, for editors and for checks in a pipeline.

import * as Schema from 'effect/Schema';
import { ConfigFile } from './file.ts';

export function configJsonSchema(): Record<string, unknown> {
  const { definitions, schema } = Schema.toJsonSchemaDocument(ConfigFile, { onExcessProperty: 'error' });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}
