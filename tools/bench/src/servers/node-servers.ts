// Servers that are a Node or Bun program of their own: the gateway and three of the peers.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { startChild, stopChild, waitForLine } from '../children.ts';
import { adminPortIn, portIn, type CertificateFiles, type Launcher, type RunningServer, type ServerName, type StartOptions } from './server.ts';

const gatewayMain = resolve(import.meta.dirname, '../../../../apps/gateway/dist/main.js');
const peers = resolve(import.meta.dirname, '../peers');
const collector = join(peers, 'collect-on-signal.ts');

function packageVersion(name: string): string | null {
  const file = findPackageJSON(name, import.meta.url);
  return file === undefined ? null : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function bunBinary(): string | null {
  try {
    const file = findPackageJSON('@oven/bun-linux-x64', import.meta.url);
    return file === undefined ? null : join(dirname(file), 'bin/bun');
  } catch {
    return null;
  }
}

async function startProgram(command: string, args: readonly string[], collects: boolean): Promise<RunningServer> {
  const child = startChild(command, args, { env: { ...process.env, NODE_ENV: 'production' } });
  try {
    const line = await waitForLine(child, 'listening');
    if (child.pid === undefined) throw new Error('no process');
    const admin = line.includes('admin') ? { adminPort: adminPortIn(line) } : {};
    return { port: portIn(line), ...admin, pids: [child.pid], collects, stop: () => stopChild(child) };
  } catch (error) {
    await stopChild(child);
    throw error;
  }
}

function startNode(args: readonly string[], { forMemory }: StartOptions): Promise<RunningServer> {
  const flags = forMemory ? ['--expose-gc', '--import', collector] : [];
  return startProgram(process.execPath, [...flags, ...args], forMemory);
}

function gatewayAs(name: ServerName, flags: readonly string[]): Launcher {
  return {
    name,
    probe: () =>
      existsSync(gatewayMain) ? { version: packageVersionOfGateway() } : { missing: 'not built (npm run build)' },
    start: (options) =>
      startNode(
        [
          '--max-semi-space-size=8', // as the command `sluice` has it
          gatewayMain,
          'serve',
          '--http=127.0.0.1:0',
          '--admin=127.0.0.1:0',
          '--demo',
          `--root=${options.root}`,
          '--transport=node',
          '--no-log-access', // no peer writes one
          '--log-level=warn',
          '--timeouts-ping-interval-ms=0', // nor sends pings by itself; the load generator answers none
          '--timeouts-idle-timeout-ms=0',
          ...(options.tls ? [`--tls-cert=${options.tls.certificate}`, `--tls-key=${options.tls.key}`] : []),
          ...flags,
        ],
        options,
      ),
  };
}

export const gateway = gatewayAs('gateway', []);
/** Stands in for a build without inspection: nothing of it is made, no observer is given to any listener. */
export const uninspected = gatewayAs('uninspected', ['--no-inspection-enabled']);

function packageVersionOfGateway(): string {
  const file = resolve(gatewayMain, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** As the peers' programs take them. */
function filesOf(tls: CertificateFiles | null | undefined): string[] {
  return tls ? [tls.certificate, tls.key] : [];
}

export const ws: Launcher = {
  name: 'ws',
  probe: () => {
    const version = packageVersion('ws');
    return version === null ? { missing: 'not installed' } : { version };
  },
  start: (options) => startNode([join(peers, 'ws.ts'), ...filesOf(options.tls)], options),
};

export const nodeHttp: Launcher = {
  name: 'node:http',
  probe: () => ({ version: process.versions.node }),
  start: (options) => startNode([join(peers, 'node-http.ts'), options.root], options),
};

export const bun: Launcher = {
  name: 'bun',
  probe: () => {
    const binary = bunBinary();
    if (binary === null) return { missing: 'not installed' };
    const run = spawnSync(binary, ['--version'], { encoding: 'utf8' });
    return run.status === 0 ? { version: run.stdout.trim() } : { missing: 'does not run on this machine' };
  },
  start: ({ root, forMemory, tls }) =>
    startProgram(bunBinary() ?? 'bun', [join(peers, 'bun.ts'), root, ...filesOf(tls)], forMemory),
};
