import { describe, expect, it } from 'vitest';
import { checkReferences } from '../../src/boundaries/reference-rules.ts';
import { filesOf, project } from './fixture.ts';

const references = (...paths: string[]): string => JSON.stringify({ references: paths.map((path) => ({ path })) });
const both = references('./tsconfig.lib.json', './tsconfig.test.json');

const brigade = project('libs/brigade', 'bytes');
const memory = project('libs/memory', 'transport', { dependencies: ['@sluice/brigade'] });
const connection = project('libs/connection', 'connection', {
  dependencies: ['@sluice/brigade', 'xstate'],
  devDependencies: ['@sluice/memory'],
});
const tree = {
  'libs/brigade/tsconfig.lib.json': references(),
  'libs/memory/tsconfig.lib.json': references('../brigade/tsconfig.lib.json'),
  'libs/connection/tsconfig.json': both,
  'libs/connection/tsconfig.lib.json': references('../brigade/tsconfig.lib.json'),
  'libs/connection/tsconfig.test.json': references('../brigade/tsconfig.lib.json', '../memory/tsconfig.lib.json'),
};
const check = (changes: Record<string, string>): string[] =>
  checkReferences(filesOf({ ...tree, ...changes }), [brigade, memory, connection]).map((each) => `${each.where}: ${each.what}`);

describe('project references', () => {
  it('match the dependencies of package.json', () => {
    expect(check({})).toEqual([]);
  });

  it('are reported when one is missing or too many', () => {
    expect(check({ 'libs/connection/tsconfig.lib.json': references('../memory/tsconfig.lib.json') })).toEqual([
      'libs/connection/tsconfig.lib.json: lacks a reference to libs/brigade/tsconfig.lib.json',
      'libs/connection/tsconfig.lib.json: references libs/memory/tsconfig.lib.json, which package.json does not depend on',
    ]);
  });

  it('are wanted of the tests for devDependencies too', () => {
    expect(check({ 'libs/connection/tsconfig.test.json': references('../brigade/tsconfig.lib.json') })).toEqual([
      'libs/connection/tsconfig.test.json: lacks a reference to libs/memory/tsconfig.lib.json',
    ]);
  });

  it('join the halves of a project', () => {
    expect(check({ 'libs/connection/tsconfig.json': references('./tsconfig.lib.json') })).toEqual([
      'libs/connection/tsconfig.json: lacks a reference to libs/connection/tsconfig.test.json',
    ]);
  });

  it('may name further parts of what a project depends on, but not its tests', () => {
    const lib = '../brigade/tsconfig.lib.json';
    expect(check({ 'libs/connection/tsconfig.lib.json': references(lib, '../brigade/tsconfig.zlib.json') })).toEqual([]);
    expect(check({ 'libs/connection/tsconfig.lib.json': references(lib, '../brigade/tsconfig.test.json') })).toHaveLength(1);
    expect(check({ 'libs/connection/tsconfig.lib.json': references(lib, '../memory/tsconfig.zlib.json') })).toHaveLength(1);
  });

  it('can be read as plain JSON', () => {
    expect(check({ 'libs/brigade/tsconfig.lib.json': '{ // x\n}' })).toEqual([
      'libs/brigade/tsconfig.lib.json: is not plain JSON',
    ]);
  });
});
