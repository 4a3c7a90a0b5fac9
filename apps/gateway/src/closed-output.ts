// Standard output and standard error may end before this process does: `sluice help | head -1`, a log collector that dies. Without a listener
// for its error such a stream ends the process with a stack trace.

/** What is written from then on is lost, and nothing else happens. Commands that live by their output listen for its end themselves. */
export function outliveOutput(streams: readonly NodeJS.EventEmitter[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) stream.on('error', () => {});
}
