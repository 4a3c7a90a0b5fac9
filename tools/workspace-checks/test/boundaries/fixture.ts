// Small workspaces to check, as a map of paths to texts.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { WorkspaceFile } from '../../src/boundaries/files.ts';
import type { Project } from '../../src/workspace.ts';

export type Tree = Readonly<Record<string, string>>;

export function filesOf(tree: Tree): WorkspaceFile[] {
  return Object.entries(tree).map(([path, text]) => ({ path, text }));
}

export function project(directory: string, layer: string | null, more: Partial<Project> = {}): Project {
  const name = `@sluice/${directory.split('/').at(-1)}`;
  return { name, directory, layer, scripts: [], dependencies: [], devDependencies: [], ...more };
}

/** Writes a tree into a directory of its own, removed when the test ends. */
export function plant(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), 'workspace-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
