// `npm run bench`: the gateway beside its peers. See README.md.

import { writeFileSync } from 'node:fs';
import { launchers, runBench } from './bench.ts';
import { endChildrenWithProcess } from './children.ts';
import { parseCli, usage, type BenchOptions } from './cli.ts';
import type { Pace } from './measure.ts';
import { toMarkdown, toText } from './report.ts';
import { rows, selectRows } from './rows.ts';

const full: Pace = { rounds: 5, warmUpMs: 700, windowMs: 2000, settleMs: 500 };
const quick: Pace = { rounds: 1, warmUpMs: 400, windowMs: 800, settleMs: 500 };

function readOptions(): BenchOptions {
  try {
    return parseCli(process.argv.slice(2), rows.map(({ name }) => name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(usage);
    process.exit(2);
  }
}

const options = readOptions();
if (options.help) {
  console.log(`${usage}\nRows: ${rows.map(({ name }) => name).join(', ')}`);
} else if (process.platform !== 'linux') {
  console.error('The bench reads CPU times from /proc: it runs on Linux only.');
  process.exitCode = 1;
} else {
  endChildrenWithProcess();
  const result = await runBench({
    rows: selectRows(options.only),
    pace: options.quick ? quick : full,
    launchers,
    progress: (line) => console.error(line),
  });
  console.log(options.markdown ? toMarkdown(result) : toText(result));
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}
