// The first minutes with a checkout, on a machine with the oldest Node only: npm ci, npm start, a message. What these print is all that
// a person sees.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tied, tiedCommand } from '../support/child-processes.ts';
import { nodeDirectory, oldestNodes } from '../support/oldest-nodes.ts';

const workspace = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let checkout: string;
let nodes: string | null;
/** That of a person's shell: nothing of the npm that runs these specs. */
let env: NodeJS.ProcessEnv;

/** What git tracks, as it is here. */
function copyCheckout(): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: workspace, encoding: 'utf8' });
  for (const file of files.split('\0')) {
    if (file === '' || !existsSync(join(workspace, file)) || lstatSync(join(workspace, file)).isDirectory()) continue;
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(join(workspace, file), join(checkout, file));
  }
}

beforeAll(async () => {
  checkout = mkdtempSync(join(tmpdir(), 'sluice-checkout-'));
  nodes = await nodeDirectory(oldestNodes[0]!);
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NX_|VITEST|NODE|SLUICE_|INIT_CWD)/.test(name));
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => !directory.includes('node_modules'));
  env = { ...Object.fromEntries(inherited), PATH: [nodes ?? '', ...path].join(delimiter) };
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

it(`npm ci, npm start and npx sluice print nothing that is in the way, on Node ${oldestNodes[0]}`, async ({ skip }) => {
  if (nodes === null) return skip('npm has no such Node for this machine, or there is no network');
  copyCheckout();
  const options = { cwd: checkout, env };
  expect((await run('node', ['--version'], options)).stdout).toBe(`v${oldestNodes[0]}\n`);

  const installed = await run('npm', ['ci', '--prefer-offline'], options);
  expect(installed.stderr.split('\n').filter((line) => line.includes('@sluice/') || /package: 'sluice/.test(line))).toEqual([]);

  const starting = ['start', '--', '--http', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--no-log-access'];
  const gateway = tied(spawn(...tiedCommand('npm', starting), { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true }));
  const closed = once(gateway, 'close');
  try {
    let stdout = '';
    let stderr = '';
    gateway.stderr.on('data', (data: Buffer) => (stderr += String(data)));
    const ready = /^listening http:\/\/127\.0\.0\.1:(\d+)\/ admin .*\n/m;
    for await (const chunk of gateway.stdout) if (ready.test((stdout += String(chunk)))) break;
    const [line = stderr, port = ''] = ready.exec(stdout) ?? [];
    // npm's own lines begin with `>`.
    expect(stdout.split('\n').filter((printed) => printed !== '' && !printed.startsWith('> '))).toEqual([line.trimEnd()]);
    const told = stderr.split('\n').filter((printed) => printed !== '' && !printed.startsWith('{'));
    expect(told).toEqual(['building what has changed …', expect.stringMatching(/^built in \d+\.\d s$/)]);

    const client = ['sluice', 'pub', 'news', 'hello', '--url', `ws://127.0.0.1:${port}`];
    expect(await run('npx', client, options)).toMatchObject({ stdout: '', stderr: '' });
    expect(await (await fetch(`http://127.0.0.1:${port}/topics/news`)).text()).toContain('hello');
  } finally {
    process.kill(-gateway.pid!, 'SIGTERM');
    await closed;
  }
});
