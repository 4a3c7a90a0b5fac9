// The command line of the gateway. `main.ts` passes in what `serve` does.

export { runCli, type ExitStatus, type RunCliOptions, type Serve, type ServeRequest } from './run.ts';
export { processHost, type Host } from './host.ts';
