// Who may import what: layers, declared dependencies, Node's modules, and the two runtimes that are kept in their place.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Project } from '../workspace.ts';
import { hasImports, isSource, projectOf, type WorkspaceFile } from './files.ts';
import { readImports } from './imports.ts';
import { isIoModule, layers, runtimeOf, type Layer } from './layers.ts';
import type { Violation } from './violation.ts';

interface Importer {
  readonly project: Project;
  readonly layer: Layer;
  readonly path: string;
  /** A source of the project: what it ships. Tests and configuration may do more. */
  readonly source: boolean;
}

type Problem = readonly [rule: string, what: string];

export function checkDependencies(
  files: readonly WorkspaceFile[],
  projects: readonly Project[],
  rootDevDependencies: readonly string[],
): Violation[] {
  const byName = new Map(projects.map((project) => [project.name, project]));
  const violations: Violation[] = projects.flatMap((project) => checkDeclared(project, byName));
  for (const { path, text } of files) {
    const project = projectOf(path, projects);
    const layer = layers[project?.layer ?? ''];
    if (!hasImports(path) || project === null || layer === undefined) continue;
    const importer = { project, layer, path, source: isSource(path, project) };
    for (const { specifier, line } of readImports(text)) {
      const problem = judge(specifier, importer, byName, rootDevDependencies);
      if (problem !== null) violations.push({ where: `${path}:${line}`, rule: problem[0], what: problem[1] });
    }
  }
  return violations;
}

/** A project's layer tag, and its workspace dependencies against the layer table. */
function checkDeclared(project: Project, byName: ReadonlyMap<string, Project>): Violation[] {
  const where = `${project.directory}/package.json`;
  const layer = layers[project.layer ?? ''];
  if (layer === undefined) {
    return [{ where, rule: 'layer', what: `has no layer: tag of ${Object.keys(layers).join(', ')}` }];
  }
  const wrong = (names: readonly string[], allowed: readonly string[]): Violation[] =>
    names
      .map((name) => byName.get(name))
      .filter((target) => target !== undefined && !allowed.includes(target.layer ?? ''))
      .map((target) => ({
        where,
        rule: 'layer',
        what: `${project.layer} may not depend on ${target?.name} (${target?.layer})`,
      }));
  const testsUse = [...layer.uses, ...(layer.testsUse ?? [])];
  return [...wrong(project.dependencies, layer.uses), ...wrong(project.devDependencies, testsUse)];
}

function judge(
  specifier: string,
  importer: Importer,
  byName: ReadonlyMap<string, Project>,
  rootDevDependencies: readonly string[],
): Problem | null {
  if (specifier.startsWith('.')) return judgeRelative(specifier, importer);
  if (specifier.startsWith('#')) return null;
  if (specifier.startsWith('/') || specifier.startsWith('file:')) return ['relative', `imports the path ${specifier}`];
  if (isBuiltin(specifier) || specifier.startsWith('node:')) return judgeBuiltin(specifier, importer);
  return judgePackage(specifier, importer, byName, rootDevDependencies);
}

function judgeRelative(specifier: string, { project, path }: Importer): Problem | null {
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith(`${project.directory}/`) || target === 'vitest.shared.ts') return null;
  return ['relative', `reaches out of ${project.name} to ${target}: import the package by its name`];
}

function judgeBuiltin(specifier: string, { layer, project, source }: Importer): Problem | null {
  if (!specifier.startsWith('node:')) return ['node', `imports ${specifier}: write node:${specifier}`];
  if (!source) return null;
  if (!layer.node) return ['node', `${project.layer} may not import ${specifier}: pass in what it is needed for`];
  if (!layer.io && isIoModule(specifier)) {
    return ['io', `${project.layer} may not import ${specifier}: only transports and apps do I/O`];
  }
  return null;
}

function judgePackage(
  specifier: string,
  { layer, project, source }: Importer,
  byName: ReadonlyMap<string, Project>,
  rootDevDependencies: readonly string[],
): Problem | null {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name === project.name) return null;
  const target = byName.get(name);
  if (target !== undefined) {
    const allowed = source ? layer.uses : [...layer.uses, ...(layer.testsUse ?? [])];
    if (!allowed.includes(target.layer ?? '')) {
      return ['layer', `${project.layer} may not import ${name} (${target.layer})`];
    }
  }
  const runtime = runtimeOf(name);
  if (runtime !== null && layer.runtimes?.includes(runtime) !== true) {
    return ['runtime', `${project.layer} may not import ${name}: ${runtime} has its own layers`];
  }
  if (project.dependencies.includes(name)) return null;
  const toolsAllowed = !source || layer.bundled === true || project.layer === 'tool' || project.layer === 'specs';
  if (toolsAllowed && (project.devDependencies.includes(name) || rootDevDependencies.includes(name))) return null;
  return ['undeclared', `imports ${name}, which is not in the dependencies of its package.json`];
}
