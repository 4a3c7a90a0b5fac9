// Standard output and standard error may end before this process does: `sluice help | head -1`, a log collector that dies. Without a listener
// for its error such a stream ends the process with a stack trace.

/** Whoever read the output has gone: the end of a pipe, of a terminal. */
const quietCodes: ReadonlySet<string> = new Set(['EPIPE', 'EIO']);

/**
 * For the callback of a write whose text is the result of a command: if it could not be written, for example to a full disk, standard error
 * says so and the exit status is 1. A reader that has gone is no failure.
 */
export function reportLostOutput(error?: NodeJS.ErrnoException | null): void {
  if (error === undefined || error === null || quietCodes.has(error.code ?? '')) return;
  process.stderr.write(`sluice: standard output cannot be written: ${error.message}\n`);
  process.exitCode = 1;
}

/** What is written from then on is lost, and nothing else happens. Commands that live by their output listen for its end themselves. */
export function outliveOutput(streams: readonly NodeJS.EventEmitter[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) stream.on('error', () => {});
}
