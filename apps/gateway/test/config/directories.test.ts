import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { directoryProblem } from '../../src/config/directories.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-directories-'));
  writeFileSync(join(directory, 'file'), '');
  symlinkSync(directory, join(directory, 'link'));
  symlinkSync(join(directory, 'gone'), join(directory, 'broken'));
});
afterAll(() => rmSync(directory, { recursive: true }));

it('A directory can be served, also through a symbolic link; anything else has its reason', () => {
  const problemOf = (name: string): string | null => directoryProblem(join(directory, name));
  expect(['', 'link', 'file', 'file/inside', 'gone', 'broken'].map(problemOf)).toEqual([null, null, 'is not a directory', 'does not exist', 'does not exist', 'does not exist']);
  expect(directoryProblem('\0')).toMatch(/^cannot be read: /);
});
