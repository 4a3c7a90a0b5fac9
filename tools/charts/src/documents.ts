// The generated files of docs/: where each stands, and its text. They are generated whole, prose included, so that
// nothing in them can go stale.

import { configurationTables } from '@sluice/gateway';
import { chartPages, generateChart } from './chart-pages.ts';
import { notice, type GeneratedDocument } from './generated.ts';

export async function generateDocuments(): Promise<GeneratedDocument[]> {
  const charts = await Promise.all(chartPages.map(generateChart));
  return [...charts.flat(), { path: 'docs/configuration.md', text: configurationPage(configurationTables()) }];
}

/** The page of all settings, around the tables that the gateway makes of its schema. */
export function configurationPage(tables: string): string {
  return `${notice}

# Configuration

Every setting has a default, and the gateway runs with none given. A value is looked for in this order:

1. flags: \`--limits-max-message-bytes 65536\`
2. environment: \`SLUICE_LIMITS_MAX_MESSAGE_BYTES=65536\`
3. a JSON file, named by \`--config FILE\` or \`SLUICE_CONFIG\`: \`{"limits": {"maxMessageBytes": 65536}}\`
4. a JSON file of defaults, named by \`SLUICE_DEFAULTS\`: for whoever starts the gateway for others, as \`npm start\` does to turn the demo on
5. the default of the setting

A relative path in a file is relative to the directory of that file; a relative path in a flag or a variable is relative to the working directory.
A key that is repeated in a file is an error.

\`sluice check-config\` validates all of it, names each problem with where it stands, and prints the settings that apply with where each comes
from. \`sluice print-config-schema\` prints a JSON Schema, with which an editor completes and checks the file. Secrets have no flag, because a
command line is seen by everyone on the machine.

A unit is the end of a name: \`Bytes\`, \`Ms\` (milliseconds), \`PerSecond\`. A list is separated by commas in a variable; its flag takes that too,
or may be given several times. A switch is turned off by \`--no-\` before its name: \`--no-log-access\`. A list of one source replaces that of another.

\`\`\`json
{
  "http": ["0.0.0.0:8080", "[::1]:8081"],
  "auth": { "tokens": ["s3cret-for-publishers"] },
  "history": { "overrides": [{ "pattern": "prices.>", "count": 1 }] },
  "slowSubscriber": { "overrides": [{ "pattern": "prices.>", "policy": "conflate" }] }
}
\`\`\`

${tables.trimEnd()}
`;
}
