// One vitest configuration for every project: sources of the workspace's libs are used as they are (no build needed),
// and each run leaves a JSON report from which the gate prints its closing line.
//
// Time limits end what hangs. They are generous, and longer on a machine that is slow or busy: tests read the factor from
// `TEST_SLOWNESS` for the limits of their own.
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { slowness } from './tools/workspace-checks/src/gate/slowness.ts';

const factor = slowness();
const conditions = ['@sluice/source', 'node', 'import', 'module', 'default'];

export function projectTests(overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      include: ['src/**/*.test.ts', 'test/**/*.test.ts', '**/*.spec.ts'],
      exclude: ['**/node_modules/**', '**/dist/**'],
      reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
      pool: 'forks',
      testTimeout: 120_000 * factor,
      hookTimeout: 120_000 * factor,
      expect: { poll: { timeout: 30_000 * factor } },
      env: { TEST_SLOWNESS: String(factor) },
      passWithNoTests: false,
      ...overrides,
    },
  });
}
