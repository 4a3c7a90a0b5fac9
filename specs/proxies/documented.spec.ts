// The configurations for nginx and Caddy that docs/proxies has, run as they stand but for addresses and TLS; and the alert rules beside them.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FrontProxy, nginxConfiguration } from '../support/front-proxy.ts';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const read = (path: string): string => readFileSync(resolve(docs, path), 'utf8');
const has = (name: string, argument: string): boolean => spawnSync(name, [argument]).error === undefined;

let running: RunningGateway;
let proxy: FrontProxy | null = null;
beforeEach(async () => {
  running = await runGateway({ tls: false, config: { auth: { tokens: ['secret'] }, trustedProxies: ['127.0.0.1'] } });
});
afterEach(async () => {
  await proxy?.stop();
  proxy = null;
  await running.stop();
});

const startNginx = (): Promise<FrontProxy> =>
  FrontProxy.start('nginx', (port, directory) => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`);
    const block = read('proxies/nginx.conf')
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
      .replace(/^ *ssl_.*\n/gm, '')
      .replace('127.0.0.1:8080', `127.0.0.1:${running.port}`);
    return nginxConfiguration(directory, `http {\naccess_log off;\n${temporary.join('\n')}\n${block}\n}`);
  });

const startCaddy = (): Promise<FrontProxy> =>
  FrontProxy.start('caddy', (port) => {
    const block = read('proxies/Caddyfile')
      .replace('gateway.example.com', `http://127.0.0.1:${port}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${running.port}`)
      .replace('health_port 9090', `health_port ${new URL(running.adminUrl).port}`);
    return `{\n\tadmin off\n\tgrace_period 1s\n}\n${block}`;
  });

async function passes(): Promise<void> {
  const authority = `127.0.0.1:${proxy!.port}`;
  const headers = { Authorization: 'Bearer secret' };
  const stream = await fetch(`http://${authority}/topics/news`, { headers: { ...headers, Accept: 'text/event-stream' } });
  const reader = stream.body!.getReader();
  const socket = new WebSocket(`ws://${authority}/topics/news`, { headers });
  await once(socket, 'open');
  const received = once(socket, 'message');
  expect((await fetch(`http://${authority}/topics/news`, { method: 'POST', body: 'hello', headers })).status).toBe(200);
  expect(String((await received)[0])).toBe('hello');
  let streamed = '';
  // Each event arrives by itself: the stream does not end before.
  while (!streamed.includes('data: hello')) streamed += Buffer.from((await reader.read()).value!).toString();
  await reader.cancel();
  socket.terminate();
  await expect.poll(() => running.lines.find(({ method }) => method === 'POST'), { timeout: 15_000 }).toMatchObject({ peer: '127.0.0.1', via: '127.0.0.1' });
}

describe('docs/proxies', () => {
  it.runIf(has('nginx', '-v'))('nginx.conf passes publications, WebSockets and event streams, and the client’s address', async () => {
    proxy = await startNginx();
    await passes();
  });

  it.runIf(has('caddy', 'version'))('Caddyfile passes publications, WebSockets and event streams, and the client’s address', async () => {
    proxy = await startCaddy();
    await passes();
  });
});

it.runIf(has('promtool', '--version'))('docs/alerts.yml passes promtool, and names only metrics that the gateway has', () => {
  const { status, stderr } = spawnSync('promtool', ['check', 'rules', resolve(docs, 'alerts.yml')], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const metrics = running.gateway.metrics.format();
  for (const [name] of read('alerts.yml').matchAll(/\b(?:sluice|process)_[a-z_]+/g)) {
    // A gateway with certificates has it.
    if (name !== 'sluice_tls_certificate_expiry_seconds') expect(metrics).toContain(`\n${name}`);
  }
});
