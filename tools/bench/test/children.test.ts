import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startChild, stopChild, waitForLine } from '../src/children.ts';

const module = resolve(import.meta.dirname, '../src/children.ts');

function startScript(script: string): ReturnType<typeof startChild> {
  const child = startChild(process.execPath, ['--input-type=module-typescript', '-e', script]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Whether a process runs; one that has ended and waits to be collected does not. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

describe('children', () => {
  it('are ready when their line comes, however it is cut', async () => {
    const child = startScript(
      "process.stdout.write('hello\\nlis'); setTimeout(() => process.stdout.write('tening x\\nmore'), 20); setInterval(() => 0, 1000)",
    );
    expect(await waitForLine(child, 'listening')).toBe('listening x');
    await stopChild(child);
    expect(child.signalCode).toBe('SIGTERM');
  });

  it('that end before are an error', async () => {
    await expect(waitForLine(startScript('process.exit(3)'), 'listening')).rejects.toThrow('ended with status 3');
  });

  it('that are not there are an error', async () => {
    await expect(waitForLine(startChild('/no/such/program', []), 'listening')).rejects.toThrow('ENOENT');
  });

  it('can be stopped twice', async () => {
    const child = startScript('setInterval(() => 0, 1000)');
    await Promise.all([stopChild(child), stopChild(child)]);
    await stopChild(child);
    expect(child.killed).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('end with the process at %s', async (signal) => {
    const parent = startScript(`
      import { startChild, endChildrenWithProcess } from ${JSON.stringify(module)};
      endChildrenWithProcess();
      const child = startChild(process.execPath, ['-e', 'process.on("SIGTERM", () => 0); setInterval(() => 0, 1000)']);
      console.log('child ' + child.pid);
    `);
    const pid = Number((await waitForLine(parent, 'child')).slice('child '.length));
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    await once(parent, 'exit');
    expect(parent.exitCode).toBe(130);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

});
