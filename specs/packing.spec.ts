// Each lib can be packed and used from an unrelated project: the tarballs are installed there, without a network and without the workspace,
// and a small program is compiled against their types and run against their JavaScript.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const workspace = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const libs = ['brigade', 'timing', 'transport', 'http1', 'websocket', 'command', 'connection', 'inspection'];

let project: string;
const installed = (lib: string): string => join(project, 'node_modules/@sluice', lib);

const dependenciesOf = (directory: string): string[] => {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
  return Object.keys(manifest.dependencies ?? {});
};
/** The directories of the packages from outside the workspace that a lib depends on. */
const packagesTakenBy = (lib: string): string[] =>
  dependenciesOf(lib)
    .filter((name) => !name.startsWith('@sluice/'))
    .map((name) => dirname(require.resolve(`${name}/package.json`, { paths: [lib] })));

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'sluice-consumer-'));
  const packages = join(project, 'packages');
  mkdirSync(packages);
  await run('npm', ['pack', '--silent', '--pack-destination', packages, ...libs.flatMap((lib) => ['-w', `@sluice/${lib}`])], { cwd: workspace });
  // What the libs take from the registry, as it lies here: there may be no network.
  const taken = libs.flatMap((lib) => packagesTakenBy(join(workspace, 'libs', lib)));
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', packages, ...taken], { cwd: project });

  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const tarballs = readdirSync(packages).map((name) => `./packages/${name}`);
  await run('npm', ['install', '--offline', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs], { cwd: project });

  cpSync(join(workspace, 'specs/support/packed-consumer.ts'), join(project, 'consumer.ts'));
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: [],
    outDir: 'out',
    rootDir: '.',
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe.each(libs)('%s', (lib) => {
  it('has what belongs in a package, and nothing of the workspace', () => {
    const files = readdirSync(installed(lib), { recursive: true, encoding: 'utf8' });
    for (const wanted of ['dist/index.js', 'dist/index.d.ts', 'README.md', 'package.json']) expect(files).toContain(wanted);
    expect(files.filter((file) => /node_modules|test-report|tsbuildinfo|\.test\.|tsconfig|vitest/.test(file))).toEqual([]);
    expect(readFileSync(join(installed(lib), 'LICENSE'), 'utf8')).toBe(readFileSync(join(workspace, 'LICENSE'), 'utf8'));
    expect(existsSync(join(workspace, 'libs', lib, 'LICENSE'))).toBe(false);
  });

  it('has source maps that lead to sources', () => {
    const maps = readdirSync(installed(lib), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(3);
    for (const map of maps) {
      const { sources } = JSON.parse(readFileSync(join(installed(lib), map), 'utf8')) as { sources: string[] };
      expect(sources).not.toEqual([]);
      for (const source of sources) expect(existsSync(resolve(installed(lib), dirname(map), source)), `${map}: ${source}`).toBe(true);
    }
  });

  it('depends on nothing that it does not name', () => {
    const named = [`@sluice/${lib}`, ...dependenciesOf(installed(lib))];
    const imported = new Set<string>();
    for (const file of readdirSync(join(installed(lib), 'dist'), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:js|d\.ts)$/.test(file)) continue;
      const text = readFileSync(join(installed(lib), 'dist', file), 'utf8');
      for (const [, name = ''] of text.matchAll(/^(?:import|export)\b[^;']*?from '((?:@[^/']+\/)?[^./'][^/']*)/gm)) if (!name.startsWith('node:')) imported.add(name);
    }
    expect([...imported].filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('an unrelated project', () => {
  // XState's own declarations do not hold up to these options; they are not ours to check.
  it('compiles strictly against the packed types, declarations checked too', async () => {
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    const result = await run(process.execPath, [tsc, '--pretty', 'false', '-p', project]).catch((error: { stdout: string }) => error);
    const errors = result.stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' ') && !line.includes('node_modules/xstate/'));
    expect(errors).toEqual([]);
  });

  it('runs against the packed JavaScript', async () => {
    const { stdout } = await run(process.execPath, [join(project, 'out/consumer.js')], { cwd: project, env: { PATH: process.env['PATH'] } });
    expect(stdout).toBe('consumed\n');
  });
});
