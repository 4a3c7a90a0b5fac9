// The bench's command line.

import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Fewer rounds and shorter windows: under two minutes. */
  readonly quick: boolean;
  /** Rows to run, by name; empty for all. */
  readonly only: readonly string[];
  /** Also writes the result there as JSON. */
  readonly json: string | null;
  /** Prints the table as Markdown instead of plain text. */
  readonly markdown: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench -- [--quick] [--only NAME]… [--json FILE] [--markdown]

  --quick      one short round of each row, under two minutes in all
  --only NAME  this row (repeatable, or names joined by commas)
  --json FILE  also write every sample to FILE
  --markdown   print the table as Markdown
`;

/** Throws an Error whose message says what is wrong with the arguments. `rows` are the names that exist. */
export function parseCli(args: readonly string[], rows: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.find((name) => !rows.includes(name));
  if (unknown !== undefined) throw new Error(`no row is called ${unknown}; there are ${rows.join(', ')}`);
  return { quick: values.quick, only, json: values.json ?? null, markdown: values.markdown, help: values.help };
}
