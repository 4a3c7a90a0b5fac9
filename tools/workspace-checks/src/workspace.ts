// The workspace as its package.json files describe it.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One project: a package.json under one of the root's workspace patterns. */
export interface Project {
  readonly name: string;
  /** Relative to the root, with forward slashes. */
  readonly directory: string;
  /** The `layer:` tag without its prefix, or `null`. */
  readonly layer: string | null;
  readonly scripts: readonly string[];
  /** Names of dependencies, peerDependencies and optionalDependencies. */
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

interface PackageJson {
  readonly name?: string;
  readonly workspaces?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readPackage(directory: string): PackageJson {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageJson;
}

/** All projects, sorted by directory. */
export function readProjects(root: string): Project[] {
  const patterns = readPackage(root).workspaces ?? [];
  const directories = globSync([...patterns], { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return directories
    .filter((directory) => existsSync(join(root, directory, 'package.json')))
    .toSorted()
    .map((directory) => {
      const json = readPackage(join(root, directory));
      const tag = json.nx?.tags?.find((name) => name.startsWith('layer:'));
      return {
        name: json.name ?? directory,
        directory,
        layer: tag?.slice('layer:'.length) ?? null,
        scripts: Object.keys(json.scripts ?? {}),
        dependencies: Object.keys({ ...json.dependencies, ...json.peerDependencies, ...json.optionalDependencies }),
        devDependencies: Object.keys(json.devDependencies ?? {}),
      };
    });
}

/** What the root's package.json brings for every project's tests and configuration. */
export function readRootDevDependencies(root: string): string[] {
  return Object.keys(readPackage(root).devDependencies ?? {});
}
