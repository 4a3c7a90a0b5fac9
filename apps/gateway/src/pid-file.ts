// The file that holds the process id of a running gateway. It is written when everything listens, and removed at the end if it is still this
// process's own: a second gateway that cannot start leaves the first one's file alone.

import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as Effect from 'effect/Effect';

/** Clocks of files and of processes differ by less. */
const toleranceMs = 2000;

/** Fails if the file names another process that runs. One that is left from a process that has ended, or from an earlier boot, does not count. */
export const pidFileIsFree = Effect.fnUntraced(function* (path: string | null) {
  if (path === null) return;
  const pid = yield* Effect.sync(() => readPid(path));
  if (pid === null || pid === process.pid || !isAlive(pid) || startedLater(pid, path)) return;
  yield* Effect.fail(new Error(`the pid file ${path} is of process ${pid}, which is running: stop it, or name another file with --pid-file`));
});

/** The file holds this process's id until the scope closes. */
export const holdPidFile = Effect.fnUntraced(function* (path: string | null) {
  if (path === null) return;
  yield* Effect.acquireRelease(
    Effect.try({
      try: () => writeFileSync(path, `${process.pid}\n`),
      catch: (error) => new Error(`the pid file ${path} cannot be written: ${(error as Error).message}; name another file with --pid-file`),
    }),
    () =>
      Effect.sync(() => {
        if (readPid(path) === process.pid) rmSync(path, { force: true });
      }),
  );
});

/** Null where there is no file, or no number in it. */
function readPid(path: string): number | null {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the process began after the file was written, so that it only has the same number. False where the system does not tell (proc(5)). */
function startedLater(pid: number, path: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The fields behind the name, which is in parentheses: the start is field 22, in hundredths of a second since boot.
    const startedTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    return bootSeconds * 1000 + startedTicks * 10 > statSync(path).mtimeMs + toleranceMs;
  } catch {
    return false;
  }
}
