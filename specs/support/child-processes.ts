// Programs that specs start. Each ends with its spec file at the latest, and with the worker that started it, also where that is killed.

import { existsSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { afterAll } from 'vitest';

const running = new Set<ChildProcess>();
const setpriv = '/usr/bin/setpriv';
/** Has the kernel end the program when its parent ends (prctl PR_SET_PDEATHSIG), where util-linux is installed. */
const underParent = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];

/** The command line for a program that is not to outlive this process: the program replaces the wrapper, so its process id is the child's. */
export function tiedCommand(program: string, args: readonly string[]): [program: string, args: string[]] {
  const [first, ...rest] = [...underParent, program, ...args];
  return [first!, rest];
}

/** Ends the child with this spec file, if it is still there then. */
export function tied<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}

process.once('exit', endAll);
afterAll(endAll);
