// What `sluice cert` prints under "To try it", run as it is printed: as lines of a shell, in the same directory. Only the ports are free ones.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { tied, tiedCommand } from '../support/child-processes.ts';

const workspace = resolve(import.meta.dirname, '../..');
const shell = (line: string) => promisify(execFile)('/bin/bash', ['-c', line], { cwd: workspace });

it('the commands that `sluice cert` prints do what they say', async () => {
  // A name that a shell would take apart.
  const directory = mkdtempSync(join(tmpdir(), "sluice cert's-"));
  try {
    const { stdout } = await shell(`npx sluice cert --dir "${join(directory, 'certs')}"`);
    const [serve = '', curl = '', pub = ''] = [...stdout.matchAll(/^ {2}((?:npx sluice|curl) .*)$/gm)].map(([, line]) => line!);
    const line = `exec ${serve} --http 127.0.0.1:0 --command 127.0.0.1:0 --admin off`;
    const gateway = tied(spawn(...tiedCommand('/bin/bash', ['-c', line]), { cwd: workspace, stdio: ['ignore', 'pipe', 'inherit'], detached: true }));
    const closed = once(gateway, 'close');
    try {
      let ready = '';
      for await (const chunk of gateway.stdout) if ((ready += String(chunk)).includes('\n')) break;
      const [, https = '', command = ''] = /^listening https:\/\/127\.0\.0\.1:(\d+)\/ command tls:\/\/127\.0\.0\.1:(\d+)\/\n$/.exec(ready) ?? [];
      expect(JSON.parse((await shell(curl.replace(':8080', `:${https}`))).stdout)).toMatchObject({ offset: 1 });
      expect((await shell(pub.replace(':7000', `:${command}`))).stderr).toBe('');
      const history = await shell(curl.replace(':8080', `:${https}`).replace(' -d hello', ''));
      expect(history.stdout).toMatch(/hello.*hello again/);
    } finally {
      // npx, its shell and the gateway.
      process.kill(-gateway.pid!, 'SIGTERM');
      await closed;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
