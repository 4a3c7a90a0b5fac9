// What the specs' own harness promises: a program that a spec starts does not outlive it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tied, tiedCommand } from '../support/child-processes.ts';
import { eventually } from '../support/running-gateway.ts';

/** Whether the process is there and not merely waited for. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== 'linux' || !existsSync('/usr/bin/setpriv'))('a child process', () => {
  it('ends when the process that started it is killed', async () => {
    const [program, args] = tiedCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const script = `const child = require('node:child_process').spawn(${JSON.stringify(program)}, ${JSON.stringify(args)}); console.log(String(child.pid)); setInterval(() => {}, 1000)`;
    const parent = tied(spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] }));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await eventually('the grandchild has ended', () => !isAlive(pid));
  });

  it('has the process id of the program, so that signals reach it', async () => {
    const child = tied(spawn(...tiedCommand(process.execPath, ['-e', 'console.log(String(process.pid))']), { stdio: ['ignore', 'pipe', 'inherit'] }));
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(Number(line.toString())).toBe(child.pid);
  });
});
