import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { outliveOutput } from '../src/closed-output.ts';

const main = join(import.meta.dirname, '../src/main.ts');

describe('output that nobody reads', () => {
  it('is no error', () => {
    const stream = new PassThrough();
    outliveOutput([stream]);
    expect(() => stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).not.toThrow();
  });

  it.each([[['print-config-schema']], [['--help']], [['serve', '--http', 'nonsense']]])('ends %j quietly, with its own status', async (args) => {
    const child = spawn(process.execPath, ['--conditions=@sluice/source', main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stdout.destroy();
    if (args[0] === 'serve') child.stderr.destroy();
    else child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    const [status] = (await once(child, 'exit')) as [number | null];
    expect([status, errors]).toEqual([args[0] === 'serve' ? 2 : 0, '']);
  });
});

describe('output that cannot be written', () => {
  it.runIf(existsSync('/dev/full')).each(['print-config-schema', 'check-config', '--help', '--version'])('fails %s with 1, and is said on standard error', (command) => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=@sluice/source', main, command], { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect([status, stderr]).toEqual([1, 'sluice: standard output cannot be written: ENOSPC: no space left on device, write\n']);
  });
});
