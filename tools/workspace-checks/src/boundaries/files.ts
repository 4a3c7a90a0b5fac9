// The files of the workspace that belong to it: what git tracks or would track, or, outside of a checkout, everything but
// what is installed or built.

import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../workspace.ts';

/** One text file. */
export interface WorkspaceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const notOurs = /(?:^|\/)(?:node_modules|dist|\.git|\.nx|coverage)(?:\/|$)/;

function listPaths(root: string): string[] {
  const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  if (git.status === 0) return git.stdout.toString().split('\0').filter(Boolean);
  return globSync(['**/*', '**/.*', '.*/**/*'], { cwd: root, exclude: (path) => notOurs.test(path) });
}

/** All text files, sorted by path. Binary files and files that are gone are left out. */
export function readFiles(root: string): WorkspaceFile[] {
  const files: WorkspaceFile[] = [];
  for (const path of [...new Set(listPaths(root))].toSorted()) {
    const stats = statSync(join(root, path), { throwIfNoEntry: false });
    if (stats?.isFile() !== true) continue;
    const bytes = readFileSync(join(root, path));
    if (!bytes.includes(0)) files.push({ path: path.replaceAll('\\', '/'), text: bytes.toString() });
  }
  return files;
}

/** The project a path lies in, or `null` for the root's own files. */
export function projectOf(path: string, projects: readonly Project[]): Project | null {
  return projects.find((project) => path.startsWith(`${project.directory}/`)) ?? null;
}

/** TypeScript, components (`.tsx`) included. */
export function hasImports(path: string): boolean {
  return isTypeScript(path) || path.endsWith('.tsx');
}

export function isTypeScript(path: string): boolean {
  return /\.[cm]?ts$/.test(path) && !path.endsWith('.d.ts');
}

/** Whether a TypeScript file is a source of its project, as opposed to a test or a tool's configuration. */
export function isSource(path: string, project: Project): boolean {
  return path.startsWith(`${project.directory}/src/`) && !/\.(?:test|spec)\.tsx?$/.test(path);
}
