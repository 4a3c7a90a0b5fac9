import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

function run(...args: string[]): { status: number | null; stderr: string } {
  const main = resolve(import.meta.dirname, '../src/main.ts');
  return spawnSync(process.execPath, ['--conditions=@sluice/source', main, ...args], { encoding: 'utf8' });
}

describe('main.ts', () => {
  it('finds the pages of docs/ as they would be written', () => {
    const { status, stderr } = run('--check');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('refuses arguments that it does not know', () => {
    expect(run('--chekc')).toMatchObject({ status: 2, stderr: 'usage: main.ts [--check]\n' });
  });
});
