// TypeScript's project references must say what package.json says, or `tsc -b` builds in the wrong order.

import { posix } from 'node:path';
import type { Project } from '../workspace.ts';
import type { WorkspaceFile } from './files.ts';
import type { Violation } from './violation.ts';

interface Configuration {
  readonly references?: readonly { readonly path: string }[];
}

export function checkReferences(files: readonly WorkspaceFile[], projects: readonly Project[]): Violation[] {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  const directories = new Map(projects.map((project) => [project.name, project.directory]));
  const libraryOf = (name: string): string | null => {
    const path = `${directories.get(name)}/tsconfig.lib.json`;
    return texts.has(path) ? path : null;
  };
  return projects.flatMap((project) => {
    const own = ['tsconfig.lib.json', 'tsconfig.test.json']
      .map((file) => `${project.directory}/${file}`)
      .filter((path) => texts.has(path));
    const built = project.dependencies.map(libraryOf);
    const tested = [...built, ...project.devDependencies.map(libraryOf)];
    return [
      ...compare(`${project.directory}/tsconfig.json`, own, texts),
      ...compare(`${project.directory}/tsconfig.lib.json`, built, texts),
      ...compare(`${project.directory}/tsconfig.test.json`, tested, texts),
    ];
  });
}

/** Neither a project's first part nor its tests. */
function isPart(path: string): boolean {
  return !/^tsconfig(?:\.lib|\.test)?\.json$/.test(posix.basename(path));
}

function compare(path: string, wanted: readonly (string | null)[], texts: ReadonlyMap<string, string>): Violation[] {
  const text = texts.get(path);
  if (text === undefined) return [];
  const say = (what: string): Violation => ({ where: path, rule: 'references', what });
  let configuration: Configuration;
  try {
    configuration = JSON.parse(text) as Configuration;
  } catch {
    return [say('is not plain JSON')];
  }
  const found = (configuration.references ?? []).map((reference) =>
    posix.join(posix.dirname(path), reference.path.endsWith('.json') ? reference.path : `${reference.path}/tsconfig.json`),
  );
  const expected = wanted.filter((target) => target !== null);
  // A project may be built in more parts than one: the others (`tsconfig.zlib.json`) may be referred to as well, and need not be.
  const parts = new Set(expected.map((target) => posix.dirname(target)));
  return [
    ...expected.filter((target) => !found.includes(target)).map((target) => say(`lacks a reference to ${target}`)),
    ...found
      .filter((target) => !expected.includes(target) && !(isPart(target) && parts.has(posix.dirname(target))))
      .map((target) => say(`references ${target}, which package.json does not depend on`)),
  ];
}
