import { describe, expect, it } from 'vitest';
import { readProjects, readRootDevDependencies } from '../src/workspace.ts';
import { plant } from './boundaries/fixture.ts';

describe('projects', () => {
  const root = plantable();
  it('are read from the workspace patterns, sorted by directory', () => {
    const planted = plant(root);
    expect(readProjects(planted)).toEqual([
      {
        name: '@s/a',
        directory: 'libs/a',
        layer: 'bytes',
        scripts: ['test'],
        dependencies: ['x', 'y', 'z'],
        devDependencies: ['d'],
      },
      { name: 'specs', directory: 'specs', layer: null, scripts: [], dependencies: [], devDependencies: [] },
    ]);
    expect(readRootDevDependencies(planted)).toEqual(['vitest']);
  });
});

function plantable(): Record<string, string> {
  return {
    'package.json': JSON.stringify({ workspaces: ['specs', 'libs/*'], devDependencies: { vitest: '1' } }),
    'specs/package.json': '{}',
    'libs/a/package.json': JSON.stringify({
      name: '@s/a',
      nx: { tags: ['scope:x', 'layer:bytes'] },
      scripts: { test: 'vitest' },
      dependencies: { x: '1' },
      peerDependencies: { y: '1' },
      optionalDependencies: { z: '1' },
      devDependencies: { d: '1' },
    }),
    'libs/not-a-project/notes.txt': '',
  };
}
