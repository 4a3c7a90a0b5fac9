// Each lib can be packed and used from an unrelated project: the tarballs are installed there, without a network and without the workspace,
// and a small program is compiled against their types and run against their JavaScript. So is the gateway, which then runs in an empty
// folder, on the oldest versions of Node that it allows and on this one.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayProcess } from './support/gateway-process.ts';
import { nodeDirectory, oldestNodes } from './support/oldest-nodes.ts';

const run = promisify(execFile);
const workspace = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const libs = readdirSync(join(workspace, 'libs')).filter((name) => existsSync(join(workspace, 'libs', name, 'package.json')));

let project: string;
/** The folder with the gateway and what it depends on. */
let alone: string;
const installed = (lib: string): string => join(project, 'node_modules/@sluice', lib);

const dependenciesOf = (directory: string): string[] => {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
  return Object.keys(manifest.dependencies ?? {});
};
/** The directories of the packages from outside the workspace that a lib depends on. */
const packagesTakenBy = (lib: string): string[] =>
  dependenciesOf(lib)
    .filter((name) => !name.startsWith('@sluice/'))
    .map((name) => [lib, workspace].map((directory) => join(directory, 'node_modules', name)).find((directory) => existsSync(directory))!);

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'sluice-consumer-'));
  const packages = join(project, 'packages');
  mkdirSync(packages);
  const pack = (to: string, names: readonly string[]) =>
    run('npm', ['pack', '--silent', '--pack-destination', to, ...names.flatMap((name) => ['-w', `@sluice/${name}`])], { cwd: workspace });
  await pack(packages, libs);

  alone = mkdtempSync(join(tmpdir(), 'sluice-alone-'));
  await pack(alone, ['gateway']);
  for (const tarball of [...readdirSync(packages).map((name) => join(packages, name)), ...readdirSync(alone).map((name) => join(alone, name))]) {
    const directory = join(alone, 'node_modules/@sluice', /^sluice-(.*)-\d+\.\d+\.\d+.*\.tgz$/.exec(basename(tarball))?.[1] ?? '');
    mkdirSync(directory, { recursive: true });
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', directory]);
    // Packages of others find what they depend on where they lie.
    for (const taken of packagesTakenBy(directory)) {
      const link = join(alone, taken.slice(taken.lastIndexOf('node_modules')));
      if (existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(taken, link);
    }
  }

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
afterAll(() => {
  for (const directory of [project, alone]) rmSync(directory, { recursive: true, force: true });
});

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

describe('the gateway', () => {
  const installedGateway = (): string => join(alone, 'node_modules/@sluice/gateway');

  it('has its page, its licence and its command in the package', () => {
    const files = readdirSync(installedGateway(), { recursive: true, encoding: 'utf8' });
    for (const wanted of ['LICENSE', 'README.md', 'bin/sluice.cjs', 'dist/main.js', 'inspector/index.html', 'public/index.html']) expect(files).toContain(wanted);
    expect(files.filter((file) => /node_modules|test-report|tsbuildinfo|\.test\.|tsconfig|vitest|build-when-stale/.test(file))).toEqual([]);
    expect([existsSync(join(workspace, 'apps/gateway/LICENSE')), existsSync(join(workspace, 'apps/gateway/inspector'))]).toEqual([false, false]);
  });

  it('names nothing that is not packed: its exports, its command, the sources of its maps', () => {
    const manifest = JSON.parse(readFileSync(join(installedGateway(), 'package.json'), 'utf8')) as { bin: Record<string, string>; exports: Record<string, Record<string, string>> };
    expect(Object.keys(manifest.bin)).toEqual(['sluice']);
    const targets = [...Object.values(manifest.bin), ...Object.values(manifest.exports).flatMap((conditions) => Object.values(conditions))];
    expect(targets.filter((target) => !existsSync(join(installedGateway(), target)))).toEqual([]);
    const maps = readdirSync(join(installedGateway(), 'dist'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(100);
    for (const map of maps) {
      const file = join(installedGateway(), 'dist', map);
      const { sources } = JSON.parse(readFileSync(file, 'utf8')) as { sources: string[] };
      expect(sources.filter((source) => !existsSync(resolve(dirname(file), source))), map).toEqual([]);
    }
  });

  it.for([...oldestNodes, process.versions.node])('runs in an empty folder on Node %s, with its inspector', async (version, { skip }) => {
    const nodes = version === process.versions.node ? dirname(process.execPath) : await nodeDirectory(version);
    if (nodes === null) return skip('npm has no such Node for this machine, or there is no network');
    const node = join(nodes, 'node');
    const script = join(installedGateway(), 'bin/sluice.cjs');
    expect((await run(node, ['--version'])).stdout).toBe(`v${version}\n`);
    const gateway = await GatewayProcess.start(['--demo'], { node, script: [script], cwd: alone });
    try {
      const page = await fetch(`${gateway.adminUrl}/inspector/`);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8']);
      const [, asset = ''] = /src="([^"]+\.js)"/.exec(await page.text()) ?? [];
      expect((await fetch(new URL(asset, `${gateway.adminUrl}/inspector/`))).status).toBe(200);
      expect((await fetch(`${gateway.url}/`)).status).toBe(200);
      const url = gateway.url.replace('http', 'ws');
      const subscribed = run(node, [script, 'sub', 'news', '--count', '1', '--url', url], { cwd: alone });
      await expect.poll(async () => (await (await fetch(`${gateway.url}/topics/news/presence`)).text()).includes('"id"'), { timeout: 30_000 }).toBe(true);
      await run(node, [script, 'pub', 'news', 'hello', '--url', url], { cwd: alone });
      expect((await subscribed).stdout).toBe('hello\n');
    } finally {
      gateway.child.kill('SIGTERM');
    }
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(gateway.stderr).not.toMatch(/Error|Warning/);
  });
});
