import { expect, it } from 'vitest';
import { checkVersions } from '../../src/boundaries/version-rules.ts';
import { filesOf, type Tree } from './fixture.ts';

const engines = { node: '^20.19.0 || >=22.12.0' };
const manifest = (name: string, more: object = {}): string => JSON.stringify({ name, version: '1.2.3', engines, ...more });
const check = (tree: Tree): string[] => checkVersions(filesOf({ 'package.json': manifest('root'), ...tree }), ['libs/hub', 'apps/gateway']).map(({ where, what }) => `${where}: ${what}`);
const hub = { 'libs/hub/package.json': manifest('@x/hub') };

it('takes packages of one version, for one range of Node versions', () => {
  const dependencies = { '@x/hub': '1.2.3', effect: '4.1.0' };
  const tree = { ...hub, 'apps/gateway/package.json': manifest('@x/gateway', { dependencies, devDependencies: { '@x/hub': '^1.2.3' } }) };
  expect(check({ ...tree, 'docs/node-versions.md': 'Node `^20.19.0 || >=22.12.0`' })).toEqual([]);
});

it('wants the version and the range of the root', () => {
  expect(check({ 'libs/hub/package.json': JSON.stringify({ name: '@x/hub', version: '1.2.2' }) })).toEqual([
    "libs/hub/package.json: version is 1.2.2, and 1.2.3 in the root's package.json",
    "libs/hub/package.json: engines.node is missing, and ^20.19.0 || >=22.12.0 in the root's package.json",
  ]);
});

it.each(['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies'])('wants the version of the root in %s among packages', (kind) => {
  expect(check({ ...hub, 'apps/gateway/package.json': manifest('@x/gateway', { [kind]: { '@x/hub': '1.2.2' } }) })).toEqual([
    "apps/gateway/package.json: @x/hub is 1.2.2, and 1.2.3 in the root's package.json",
  ]);
});

it('wants the range in the documentation', () => {
  expect(check({ 'docs/node-versions.md': 'Node `>=20`' })).toEqual(['docs/node-versions.md: does not name the range of Node versions, ^20.19.0 || >=22.12.0']);
});
