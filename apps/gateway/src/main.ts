// The gateway's process, as `bin/sluice.cjs` starts it.

import { runCli } from './cli/index.ts';
import { outliveOutput } from './closed-output.ts';

outliveOutput();
const status = await runCli({
  // Loaded when it is needed: `check-config` and `help` answer without the rest of the gateway.
  serve: async (request) => (await import('./serve.ts')).serve(request),
});
// Output that was lost has set 1 already.
if (status !== 0 || process.exitCode === undefined) process.exitCode = status;
