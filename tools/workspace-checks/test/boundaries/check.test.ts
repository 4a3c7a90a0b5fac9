import { describe, expect, it } from 'vitest';
import { checkWorkspace } from '../../src/boundaries/check.ts';
import { plant } from './fixture.ts';

const lib = (layer: string, dependencies = {}): string => JSON.stringify({ name: `@s/${layer}`, nx: { tags: [`layer:${layer}`] }, dependencies });
const tree = {
  'package.json': JSON.stringify({ workspaces: ['libs/*'] }),
  'libs/bytes/package.json': lib('bytes'),
  'libs/bytes/README.md': '# Bytes',
  'libs/bytes/src/index.ts': "export * from './bucket.ts';\n",
  'libs/bytes/src/bucket.ts': 'export class Bucket {}\n',
  'libs/bytes/test/bucket.test.ts': "import { Bucket } from '@s/bytes';\n",
  'libs/hub/package.json': lib('hub', { '@s/bytes': '1' }),
  'libs/hub/README.md': '# Hub',
};

describe('a whole workspace', () => {
  it('passes when it keeps every rule', () => {
    expect(checkWorkspace(plant(tree), [])).toEqual({ lines: [], files: 8, projects: 2 });
  });

  it('gives one sorted line per violation, of every family of rules', () => {
    const root = plant({
      ...tree,
      'libs/hub/src/misc.ts': "import '@s/hub/x';\nimport 'node:fs';\nexport const f = () => 1;\n",
      'libs/hub/tsconfig.json': JSON.stringify({ references: [{ path: './tsconfig.lib.json' }] }),
      'libs/hub/README.md': ['see /ho', 'me/ann/x'].join(''),
    });
    const { lines } = checkWorkspace(root, [{ rule: 'namesake', path: 'libs/hub/src/misc.ts', reason: 'here' }]);
    expect(lines).toEqual([
      expect.stringMatching(/^libs\/hub\/README\.md:1 .*\(machine-path\)$/),
      expect.stringMatching(/^libs\/hub\/src\/misc\.ts .*\(name\)$/),
      expect.stringMatching(/^libs\/hub\/src\/misc\.ts:2 .*\(node\)$/),
      expect.stringMatching(/^libs\/hub\/tsconfig\.json .*\(references\)$/),
    ]);
  });
});
