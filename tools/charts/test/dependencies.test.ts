// docs/dependencies.md is written by hand, because reasons are; that it is complete, and names nothing that is gone, is checked here.

import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

it('docs/dependencies.md gives a reason for each npm package of the workspace, and for no other', () => {
  const manifests = ['package.json', ...globSync(['{apps,libs,tools}/*/package.json', 'specs/package.json'], { cwd: root })];
  const named = manifests.flatMap((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Partial<Record<(typeof kinds)[number], object>>;
    return kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  });
  const wanted = new Set(named.filter((name) => !name.startsWith('@sluice/')));
  const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  expect(listed.toSorted()).toEqual([...wanted].toSorted());
});
