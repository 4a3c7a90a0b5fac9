import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
