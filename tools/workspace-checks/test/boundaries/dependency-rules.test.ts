import { describe, expect, it } from 'vitest';
import { checkDependencies } from '../../src/boundaries/dependency-rules.ts';
import { filesOf, project, type Tree } from './fixture.ts';

const projects = [
  project('libs/brigade', 'bytes'),
  project('libs/http1', 'engine', { dependencies: ['@sluice/brigade'] }),
  project('libs/websocket', 'engine', { dependencies: ['@sluice/brigade'] }),
  project('libs/connection', 'connection', {
    dependencies: ['@sluice/http1', 'xstate'],
    devDependencies: ['@sluice/transport-memory'],
  }),
  project('libs/transport-memory', 'transport'),
  project('libs/supervision', 'supervision', { dependencies: ['@sluice/connection', 'effect'] }),
  project('apps/gateway', 'app', { dependencies: ['@sluice/http1', '@effect/platform-node', 'xstate'] }),
  project('apps/inspector', 'page', { devDependencies: ['react', '@sluice/connection'] }),
  project('tools/bench', 'tool'),
];

const check = (tree: Tree): string[] =>
  checkDependencies(filesOf(tree), projects, ['vitest']).map(({ where, rule }) => `${where} ${rule}`);

describe('imports', () => {
  it('may go down the layers, to what package.json declares', () => {
    expect(
      check({
        'libs/http1/src/a.ts': "import { Brigade } from '@sluice/brigade';\nimport './b.ts';\nimport '@sluice/http1';",
        'libs/connection/src/a.ts': "import 'xstate';",
        'libs/supervision/src/a.ts': "import 'effect/Effect';\nimport 'node:crypto';",
        'apps/gateway/src/a.ts': "import 'node:net';\nimport '@effect/platform-node/NodeRuntime';",
        'apps/inspector/src/a.tsx': "import 'react';\nimport type { CloseReason } from '@sluice/connection';",
      }),
    ).toEqual([]);
  });

  it.each([
    ['a layer above', 'libs/brigade/src/a.ts', '@sluice/http1', 'layer'],
    ['a sibling', 'libs/http1/src/a.ts', '@sluice/websocket', 'layer'],
    ['what is not declared', 'libs/http1/src/a.ts', 'ws', 'undeclared'],
    ['what only the root has, in a source', 'libs/http1/src/a.ts', 'vitest', 'undeclared'],
    ['what only tests declare, in a source', 'libs/connection/src/a.ts', '@sluice/transport-memory', 'layer'],
    ['a deep path of what is not declared', 'libs/http1/src/a.ts', '@scope/pkg/deep', 'undeclared'],
    ['node in an engine', 'libs/http1/src/a.ts', 'node:crypto', 'node'],
    ['node without its prefix', 'apps/gateway/src/a.ts', 'fs', 'node'],
    ['the file system in supervision', 'libs/supervision/src/a.ts', 'node:fs/promises', 'io'],
    ['Effect in the connection', 'libs/connection/src/a.ts', 'effect', 'runtime'],
    ['XState in an app', 'apps/gateway/src/a.ts', 'xstate', 'runtime'],
    ['node in a page', 'apps/inspector/src/a.tsx', 'node:fs', 'node'],
    ['a layer that a page does not know', 'apps/inspector/src/a.tsx', '@sluice/http1', 'layer'],
    ['another project by path', 'libs/http1/src/a.ts', '../../brigade/src/index.ts', 'relative'],
    ['an absolute path', 'libs/http1/src/a.ts', '/x.ts', 'relative'],
  ])('may not be %s', (_, path, specifier, rule) => {
    expect(check({ [path]: `\nimport '${specifier}';` })).toEqual([`${path}:2 ${rule}`]);
  });

  it('are freer in tests: node, the root tools, devDependencies', () => {
    expect(
      check({
        'libs/connection/test/a.test.ts': "import 'vitest';\nimport 'node:fs';\nimport '@sluice/transport-memory';",
        'libs/connection/vitest.config.ts': "import '../../vitest.shared.ts';",
        'libs/http1/src/a.test.ts': "import 'vitest';",
        'tools/bench/src/main.ts': "import 'vitest/node';",
      }),
    ).toEqual([]);
    expect(check({ 'libs/http1/test/a.test.ts': "import 'ws';" })).toEqual(['libs/http1/test/a.test.ts:1 undeclared']);
  });
});

describe('package.json', () => {
  it('has a layer that exists', () => {
    const wrong = [project('libs/a', null), project('libs/b', 'nonsense')];
    expect(checkDependencies([], wrong, []).map(({ where }) => where)).toEqual([
      'libs/a/package.json',
      'libs/b/package.json',
    ]);
  });

  it('depends only downwards', () => {
    const wrong = [
      project('libs/brigade', 'bytes', { devDependencies: ['@sluice/http1'] }),
      project('libs/http1', 'engine', { dependencies: ['@sluice/brigade'] }),
      project('libs/connection', 'connection', { dependencies: ['@sluice/transport-memory'] }),
      project('libs/transport-memory', 'transport'),
    ];
    expect(checkDependencies([], wrong, []).map(({ where, what }) => `${where}: ${what}`)).toEqual([
      'libs/brigade/package.json: bytes may not depend on @sluice/http1 (engine)',
      'libs/connection/package.json: connection may not depend on @sluice/transport-memory (transport)',
    ]);
  });
});
