#!/usr/bin/env node
// The gateway's process.

import { runCli } from './cli/index.ts';

process.exitCode = await runCli({
  // Loaded when it is needed: `check-config` and `help` answer without the rest of the gateway.
  serve: async (request) => (await import('./serve.ts')).serve(request),
});
