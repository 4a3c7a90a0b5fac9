// What becomes of an error that nobody caught. Callbacks of timers, connections and listeners are guarded where they are called, and such an
// error never gets here. What does is of two kinds:
//
// - a system call failed (EMFILE, ENOSPC, EPIPE …) for something that has no handler of its own: logged, and the process goes on, for no state
//   of ours is half changed;
// - anything else is a fault in the program, and what it left half done is unknown: logged with its stack, connections are drained as
//   at SIGTERM, and the process exits with status 1, for its supervisor to start it anew.

import type { FailureLog } from './log/failure-log.ts';

/** Watches for them until the returned function is called. `onFault` is called once. */
export function watchUnexpectedErrors(failures: FailureLog, onFault: () => void): () => void {
  let isFaulty = false;
  const onError = (error: unknown): void => {
    failures.report(isSystemCall(error) ? 'a system call' : 'the program', error);
    if (isFaulty || isSystemCall(error)) return;
    isFaulty = true;
    onFault();
  };
  // Unhandled rejections come here too (Node's default).
  process.on('uncaughtException', onError);
  return () => void process.removeListener('uncaughtException', onError);
}

function isSystemCall(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall, code } = error as NodeJS.ErrnoException;
  return typeof syscall === 'string' && typeof code === 'string';
}
