// The gateway's process, as `bin/sluice.cjs` starts it.

import { runCli } from './cli/index.ts';
import { outliveOutput } from './closed-output.ts';

outliveOutput();
process.exitCode = await runCli({
  // Loaded when it is needed: `check-config` and `help` answer without the rest of the gateway.
  serve: async (request) => (await import('./serve.ts')).serve(request),
});
