// What must not stand in any file: paths of one person's machine, and addresses of package registries.

import { homedir } from 'node:os';
import type { WorkspaceFile } from './files.ts';
import type { Violation } from './violation.ts';

const machinePath = /(?<![\w.~-])(?:\/(?:home|Users)\/[\w.-]+\/|\/root\/|\/(?:work|workspace|workspaces|builds)\/\w|[A-Z]:\\Users\\)/;
const registryAddress = /https?:\/\/[^\s"'<>)]*?(?:registry\.|artifactory|nexus|verdaccio)[^\s"'<>)]*|^\s*(?:@\w+:)?registry\s*=/m;

/** Paths too short to be telling: every absolute path starts with them. */
function isTelling(path: string): boolean {
  return path.split(/[\\/]/).filter(Boolean).length >= 2;
}

export function checkText(files: readonly WorkspaceFile[], root: string): Violation[] {
  const own = [root, homedir()].filter(isTelling);
  return files.flatMap(({ path, text }) => {
    const found: Violation[] = [];
    const say = (at: number, rule: string, what: string): void => {
      found.push({ where: `${path}:${text.slice(0, at).split('\n').length}`, rule, what });
    };
    const registry = registryAddress.exec(text);
    if (registry !== null) say(registry.index, 'registry', `names a package registry: ${registry[0].trim()}`);
    const generic = machinePath.exec(text);
    if (generic !== null) say(generic.index, 'machine-path', `holds a path of one machine: ${generic[0]}…`);
    for (const directory of generic === null ? own : []) {
      const at = text.indexOf(directory);
      if (at >= 0) say(at, 'machine-path', `holds a path of one machine: ${directory}`);
    }
    return found;
  });
}
