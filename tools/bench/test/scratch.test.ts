import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../src/scratch.ts';

describe('scratch directories', () => {
  it('are private, and gone once removed', () => {
    const { path, remove } = scratchDirectory('test');
    expect(statSync(path).mode & 0o077).toBe(0);
    remove();
    expect(existsSync(path)).toBe(false);
  });

  it('are gone when the process exits', () => {
    const module = resolve(import.meta.dirname, '../src/scratch.ts');
    const script = `import { scratchDirectory } from ${JSON.stringify(module)}; console.log(scratchDirectory('test').path)`;
    const args = ['--input-type=module-typescript', '-e', script];
    const path = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim();
    expect(path).toMatch(/bench-test-/);
    expect(existsSync(path)).toBe(false);
  });
});
