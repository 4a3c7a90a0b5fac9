// How a project is laid out: a README for each lib, a namesake test for each source file, small files, telling names.

import { posix } from 'node:path';
import type { Project } from '../workspace.ts';
import { isSource, isTypeScript, projectOf, type WorkspaceFile } from './files.ts';
import { exportsBehaviour } from './imports.ts';
import type { Violation } from './violation.ts';

const maxLines = 600;
const code = /\.(?:[cm]?[jt]sx?|css|html|sh)$/;
/** A suite that a lib exports for others to run is tests itself. */
const exportedSuite = /\/src\/compliance\//;
const vagueName = /^(?:utils?|common|helpers?|misc)(?:[.-].*)?$/i;

export function checkLayout(files: readonly WorkspaceFile[], projects: readonly Project[]): Violation[] {
  const paths = files.map((file) => file.path);
  return [
    ...projects.flatMap((project) => checkReadme(project, paths)),
    ...files.flatMap((file) => [...checkNames(file.path), ...checkSize(file)]),
    ...checkNamesakes(files, projects, paths),
  ];
}

function checkReadme({ directory }: Project, paths: readonly string[]): Violation[] {
  const wanted = `${directory}/README.md`;
  if (!directory.startsWith('libs/') || paths.includes(wanted)) return [];
  return [{ where: directory, rule: 'readme', what: 'has no README.md' }];
}

function checkNames(path: string): Violation[] {
  const vague = path.split('/').find((segment) => vagueName.test(segment));
  return vague === undefined ? [] : [{ where: path, rule: 'name', what: `${vague} does not say what is in it` }];
}

function checkSize({ path, text }: WorkspaceFile): Violation[] {
  const lines = text.split('\n').length - 1;
  if (!code.test(path) || lines <= maxLines) return [];
  return [{ where: path, rule: 'size', what: `has ${lines} lines, more than ${maxLines}: make it a folder` }];
}

/**
 * `src/x/y.ts` has `test/x/y.test.ts`, `test/y.test.ts` or a `y.test.ts` under `src/`, if it exports something that runs.
 * The specs are tests themselves, and so is an exported suite.
 */
function checkNamesakes(
  files: readonly WorkspaceFile[],
  projects: readonly Project[],
  paths: readonly string[],
): Violation[] {
  const violations: Violation[] = [];
  for (const { path, text } of files) {
    const project = projectOf(path, projects);
    if (project === null || project.layer === 'specs' || !isTypeScript(path) || !isSource(path, project)) continue;
    if (exportedSuite.test(path) || !exportsBehaviour(text)) continue;
    const { directory } = project;
    const test = `${posix.basename(path).replace(/\.ts$/, '')}.test.ts`;
    const mirrored = posix.join(directory, 'test', posix.dirname(path.slice(`${directory}/src/`.length)), test);
    const found =
      paths.includes(mirrored) ||
      paths.includes(`${directory}/test/${test}`) ||
      paths.some((each) => each.startsWith(`${directory}/src/`) && posix.basename(each) === test);
    if (!found) violations.push({ where: path, rule: 'namesake', what: `has no namesake test ${mirrored}` });
  }
  return violations;
}
