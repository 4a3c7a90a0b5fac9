// One vitest configuration for every project: sources of the workspace's libs are used as they are (no build needed),
// and each run leaves a JSON report from which the gate prints its closing line.
import { defineConfig, type ViteUserConfig } from 'vitest/config';

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
      testTimeout: 20_000,
      passWithNoTests: false,
      ...overrides,
    },
  });
}
