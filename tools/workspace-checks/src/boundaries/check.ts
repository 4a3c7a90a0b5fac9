// Runs all rules over a workspace.

import { readProjects, readRootDevDependencies } from '../workspace.ts';
import { checkBytes } from './byte-rules.ts';
import { checkDependencies } from './dependency-rules.ts';
import { readFiles } from './files.ts';
import { checkLayout } from './layout-rules.ts';
import { checkReferences } from './reference-rules.ts';
import { checkText } from './text-rules.ts';
import { checkVersions } from './version-rules.ts';
import { applyExceptions, formatViolation, type Exception } from './violation.ts';

export interface CheckResult {
  /** One per violation, sorted by place. */
  readonly lines: readonly string[];
  readonly files: number;
  readonly projects: number;
}

export function checkWorkspace(root: string, exceptions: readonly Exception[]): CheckResult {
  const projects = readProjects(root);
  const files = readFiles(root);
  const violations = [
    ...checkDependencies(files, projects, readRootDevDependencies(root)),
    ...checkReferences(files, projects),
    ...checkLayout(files, projects),
    ...checkText(files, root),
    ...checkBytes(files),
    ...checkVersions(files, projects.map(({ directory }) => directory)),
  ];
  const lines = applyExceptions(violations, exceptions).map(formatViolation).toSorted();
  return { lines, files: files.length, projects: projects.length };
}
