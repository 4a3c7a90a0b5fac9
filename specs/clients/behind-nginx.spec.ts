// A WebSocket through nginx: with the settings that the gateway's answer names, and without them.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { tied, tiedCommand } from '../support/child-processes.ts';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';

const missing = spawnSync('nginx', ['-v']).error !== undefined;

let running: RunningGateway;
let directory: string;
let nginx: ChildProcess | null = null;

beforeEach(async () => {
  running = await runGateway({ tls: false });
  directory = mkdtempSync(join(tmpdir(), 'sluice-nginx-'));
});
afterEach(async () => {
  const ended = nginx === null ? null : new Promise((resolve) => nginx!.once('close', resolve));
  nginx?.kill('SIGTERM');
  await ended;
  nginx = null;
  await running.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts nginx in front of the gateway; resolves with its `host:port` once it answers. */
async function proxied(settings: string): Promise<string> {
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`).join(' ');
  writeFileSync(
    join(directory, 'nginx.conf'),
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log; events {}
     http { access_log off; ${paths} server { listen 127.0.0.1:${port}; location / { proxy_pass ${running.url}; ${settings} } } }`,
  );
  const [command, args] = tiedCommand('nginx', ['-c', join(directory, 'nginx.conf'), '-e', join(directory, 'error.log')]);
  nginx = tied(spawn(command, args, { stdio: 'ignore' }));
  const address = `127.0.0.1:${port}`;
  await expect.poll(() => fetch(`http://${address}/topics/news`).then(({ status }) => status, () => 0), { timeout: 20_000 }).toBe(200);
  return address;
}

/** The status of the answer to a handshake, and its body where it is no 101. */
function handshake(address: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${address}/topics/news`);
    socket.once('open', () => {
      socket.terminate();
      resolve({ status: 101, body: '' });
    });
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString()));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    socket.once('error', reject);
  });
}

describe.skipIf(missing)(`behind nginx${missing ? ' (skipped: there is no nginx here)' : ''}`, () => {
  it.each(['', 'proxy_http_version 1.1;', 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;'])(
    'a handshake that loses its fields (%j) gets 426, and what to set',
    async (settings) => {
      const { status, body } = await handshake(await proxied(settings));
      expect(status).toBe(426);
      expect((JSON.parse(body) as { detail: string }).detail).toContain('proxy_set_header Upgrade $http_upgrade;');
    },
  );

  it('is a WebSocket with the settings that the answer names', async () => {
    const { body } = await handshake(await proxied(''));
    const { detail } = JSON.parse(body) as { detail: string };
    const settings = detail.slice(detail.indexOf('proxy_http_version'));
    nginx!.kill('SIGTERM');
    await new Promise((resolve) => nginx!.once('close', resolve));
    expect((await handshake(await proxied(settings))).status).toBe(101);
  });
});
