// nginx, HAProxy or Caddy in front of a gateway, as a process with a configuration of its own, on a port that was free a moment ago: none can
// choose one itself.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { tied, tiedCommand } from './child-processes.ts';

export type ProxyName = 'nginx' | 'haproxy' | 'caddy';

const readyMs = 15_000;
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

export class FrontProxy {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(port: number, child: ChildProcess, directory: string) {
    this.port = port;
    this.#child = child;
    this.#directory = directory;
  }

  /** `configure` gets the port and a directory, and gives the whole configuration. */
  static async start(name: ProxyName, configure: (port: number, directory: string) => string): Promise<FrontProxy> {
    const directory = mkdtempSync(join(tmpdir(), `sluice-${name}-`));
    const port = await freePort();
    const file = join(directory, `${name}.conf`);
    writeFileSync(file, configure(port, directory));
    const args = { nginx: ['-p', directory, '-c', file, '-e', 'stderr'], haproxy: ['-db', '-f', file], caddy: ['run', '--adapter', 'caddyfile', '--config', file] }[name];
    const [program, rest] = tiedCommand(name, args);
    const child = tied(spawn(program, rest, { env: { ...env, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory }, stdio: ['ignore', 'pipe', 'pipe'] }));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
    child.once('error', (error) => (said += error.message));
    const proxy = new FrontProxy(port, child, directory);
    for (const deadline = performance.now() + readyMs; performance.now() < deadline && child.exitCode === null; await pause(20)) {
      if (child.pid !== undefined && (await accepts(port))) return proxy;
    }
    await proxy.stop();
    throw new Error(`${name} did not come up: ${said}`);
  }

  async stop(): Promise<void> {
    if (this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((done) => this.#child.once('exit', done));
      this.#child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Everything under `directory`, in one process; `rest` is what belongs at the top level. */
export function nginxConfiguration(directory: string, rest: string, modules = ''): string {
  return `${modules}
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log stderr crit;
events { worker_connections 256; }
${rest}
`;
}

/** An `http` block with one server. */
export function nginxServer(directory: string, port: number, location: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${directory}/${name};`);
  return `http {
  access_log off;
${temporary.join('\n')}
  server {
    listen 127.0.0.1:${port};
    location / {
${location}
    }
  }
}`;
}

/** HAProxy passing TCP on, with `options` at its server: `send-proxy`, `send-proxy-v2`. */
export function haproxyConfiguration(port: number, to: number, options: string): string {
  return `global
  maxconn 200
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen gateway
  bind 127.0.0.1:${port}
  server gateway 127.0.0.1:${to} ${options}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), done(true)));
    socket.once('error', () => done(false));
  });
}
