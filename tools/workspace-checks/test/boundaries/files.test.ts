import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasImports, isSource, isTypeScript, projectOf, readFiles } from '../../src/boundaries/files.ts';
import { plant, project } from './fixture.ts';

const tree = { 'a.ts': 'a', '.ci/run': 'r', '.gitignore': 'dist\n', 'lib/dist/x.js': 'built', 'lib/gone.ts': 'g' };
const paths = (root: string): string[] => readFiles(root).map((file) => file.path);

describe('the files of a workspace', () => {
  it('are what git would track, without what is deleted or binary', () => {
    const root = plant(tree);
    spawnSync('git', ['init', '-q'], { cwd: root });
    spawnSync('git', ['add', 'lib/gone.ts'], { cwd: root });
    rmSync(join(root, 'lib/gone.ts'));
    writeFileSync(join(root, 'image.png'), Buffer.from([1, 0, 2]));
    expect(paths(root)).toEqual(['.ci/run', '.gitignore', 'a.ts']);
  });

  it('are everything but what is built, outside of a checkout', () => {
    expect(paths(plant(tree))).toEqual(['.ci/run', '.gitignore', 'a.ts', 'lib/gone.ts']);
  });
});

describe('places', () => {
  const hub = project('libs/hub', 'hub');
  it('belong to projects by whole path segments', () => {
    expect(projectOf('libs/hub/src/a.ts', [hub])).toBe(hub);
    expect(projectOf('libs/hubbub/a.ts', [hub])).toBe(null);
  });

  it('tell sources from tests', () => {
    expect(isSource('libs/hub/src/a.ts', hub)).toBe(true);
    expect(isSource('libs/hub/src/a.test.ts', hub)).toBe(false);
    expect(isSource('libs/hub/test/a.ts', hub)).toBe(false);
    expect(['a.ts', 'a.mts', 'a.d.ts', 'a.js'].map(isTypeScript)).toEqual([true, true, false, false]);
    expect(['a.ts', 'a.tsx', 'a.css'].map(hasImports)).toEqual([true, true, false]);
    expect(isSource('libs/hub/src/a.test.tsx', hub)).toBe(false);
  });
});
