// Child processes, all of which end with the bench: also when it fails or is interrupted. Only what was started here is
// ever ended, by its handle.

import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

const live = new Set<ChildProcess>();
const graceMs = 3000;

/** Keeps a child until it has exited. */
export function adoptChild<T extends ChildProcess>(child: T): T {
  live.add(child);
  child.once('exit', () => live.delete(child));
  child.once('error', () => live.delete(child));
  return child;
}

export function startChild(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return adoptChild(spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options }));
}

/** SIGTERM, and SIGKILL if that does not end it in time. Resolves when it is gone. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (!live.has(child)) return;
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

/** Ends every child when the process does, for whatever reason but SIGKILL. */
export function endChildrenWithProcess(): void {
  process.on('exit', () => {
    for (const child of live) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
}

/** Waits for the first line on the child's stdout that holds `word`, and goes on draining. Rejects if it exits before. */
export function waitForLine(child: ChildProcess, word: string, timeoutMs = 15_000): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    let found = false;
    const timer = setTimeout(() => fail(new Error(`not ready after ${timeoutMs} ms`)), timeoutMs);
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`ended with status ${code} before it was ready`)));
    child.stdout?.on('data', (bytes: Buffer) => {
      if (found) return;
      text += bytes.toString();
      const line = text.split('\n').slice(0, -1).find((each) => each.includes(word));
      if (line === undefined) return;
      found = true;
      clearTimeout(timer);
      done(line);
    });
  });
}
