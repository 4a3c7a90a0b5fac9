// One truth about versions: the root's package.json. All packages have its version and its range of Node versions, depend on each other in
// that version, and docs/node-versions.md names the same range.

import type { WorkspaceFile } from './files.ts';
import type { Violation } from './violation.ts';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The page that explains the range of Node versions. */
const nodePage = 'docs/node-versions.md';

export function checkVersions(files: readonly WorkspaceFile[], projectDirectories: readonly string[]): Violation[] {
  const text = (path: string): string | undefined => files.find((file) => file.path === path)?.text;
  const root = JSON.parse(text('package.json') ?? '{}') as Manifest;
  const range = root.engines?.node;
  const manifests = projectDirectories.flatMap((directory) => {
    const path = `${directory}/package.json`;
    const json = text(path);
    return json === undefined ? [] : [{ path, manifest: JSON.parse(json) as Manifest }];
  });
  const ours = new Set(manifests.map(({ manifest }) => manifest.name));

  const violations = manifests.flatMap(({ path, manifest }) => [
    ...differs(path, 'version', manifest.version, root.version),
    ...differs(path, 'engines.node', manifest.engines?.node, range),
    ...[manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies, manifest.devDependencies]
      .flatMap((dependencies) => Object.entries(dependencies ?? {}))
      .filter(([name]) => ours.has(name))
      .flatMap(([name, wanted]) => differs(path, name, wanted.replace(/^\^/, ''), root.version)),
  ]);
  const page = text(nodePage);
  if (page !== undefined && range !== undefined && !page.includes(`\`${range}\``)) {
    violations.push({ where: nodePage, rule: 'version', what: `does not name the range of Node versions, ${range}` });
  }
  return violations;
}

function differs(where: string, what: string, actual: string | undefined, wanted: string | undefined): Violation[] {
  if (actual === wanted || wanted === undefined) return [];
  return [{ where, rule: 'version', what: `${what} is ${actual ?? 'missing'}, and ${wanted} in the root's package.json` }];
}
