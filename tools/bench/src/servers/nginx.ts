// The peer nginx: one process in the foreground, with a configuration and a prefix of its own, serving files by sendfile.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, stopChild } from '../children.ts';
import { scratchDirectory } from '../scratch.ts';
import type { Launcher } from './server.ts';

const readyMs = 5000;
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

/** The configuration, with every path under `prefix`. Master and worker are one process, which a signal ends whole. */
export function nginxConfiguration(prefix: string, port: number, root: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${prefix}/${name};`);
  return `daemon off;
master_process off;
pid ${prefix}/nginx.pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
${temporary.join('\n')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${root};
  }
}
`;
}

/** A port that was free a moment ago: nginx cannot choose one itself. */
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

export const nginx: Launcher = {
  name: 'nginx',
  probe: () => {
    const run = spawnSync('nginx', ['-v'], { encoding: 'utf8', env });
    const version = /nginx\/(\S+)/.exec(run.stderr ?? '')?.[1];
    return version === undefined ? { missing: 'not installed' } : { version };
  },
  start: async ({ root }) => {
    const { path: prefix, remove } = scratchDirectory('nginx');
    const port = await freePort();
    const file = join(prefix, 'nginx.conf');
    writeFileSync(file, nginxConfiguration(prefix, port, root));
    const child = startChild('nginx', ['-p', prefix, '-c', file, '-e', 'stderr'], { env });
    const stop = async (): Promise<void> => {
      await stopChild(child);
      remove();
    };
    for (const deadline = performance.now() + readyMs; performance.now() < deadline; await sleep(20)) {
      if (child.pid !== undefined && child.exitCode === null && (await accepts(port))) {
        return { port, pids: [child.pid], collects: false, stop };
      }
    }
    await stop();
    throw new Error('nginx did not come up');
  },
};
