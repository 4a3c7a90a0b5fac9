#!/usr/bin/env -S node --max-semi-space-size=8
// The gateway's process.
//
// The flag above keeps V8's young generation small: what an HTTP handshake leaves behind is collected before it makes the heap grow. With
// 8,000 idle WebSockets that is 2.6 instead of 6.6 KB of RSS a connection, and no message got dearer.

import { runCli } from './cli/index.ts';

process.exitCode = await runCli({
  // Loaded when it is needed: `check-config` and `help` answer without the rest of the gateway.
  serve: async (request) => (await import('./serve.ts')).serve(request),
});
