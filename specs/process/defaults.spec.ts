// `npm start`: the demo on this machine when nothing else is said, and what the configuration file says otherwise.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildGateway, GatewayProcess } from '../support/gateway-process.ts';

const workspace = resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { scripts: { start: string } };
const sockets = ['/echo', '/mirror', '/increment', '/echogen', '/fraggle', '/ping', '/status'];
let directory: string;
let gateway: GatewayProcess | null = null;

beforeAll(async () => {
  await buildGateway();
  directory = mkdtempSync(join(tmpdir(), 'sluice-defaults-'));
}, 120_000);
afterEach(async () => {
  await gateway?.kill();
  gateway = null;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** As npm runs the script. It replaces the shell by the gateway, so this ends the gateway itself. */
async function npmStart(...args: string[]): Promise<GatewayProcess> {
  const PATH = `${join(workspace, 'node_modules/.bin')}:${process.env['PATH']}`;
  gateway = new GatewayProcess(['--admin', 'off', ...args], { node: '/bin/sh', script: ['-c', `${scripts.start} "$@"`, 'npm-start'], cwd: workspace, env: { PATH } });
  await gateway.ready();
  return gateway;
}

function config(settings: Record<string, unknown>): string {
  const path = join(directory, 'sluice.json');
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

async function statuses(url: string, token?: string): Promise<number[]> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return Promise.all(sockets.map(async (path) => (await fetch(url + path, { headers })).status));
}

const each = (status: number): number[] => sockets.map(() => status);

it('serves the demo, on a loopback address', async () => {
  const { url } = await npmStart('--http', '127.0.0.1:0');
  expect((await fetch(url)).status).toBe(200);
  expect(await statuses(url)).toEqual(each(426));
}, 120_000);

it('serves no demo where the file says so', async () => {
  const { url } = await npmStart('--config', config({ http: ['127.0.0.1:0'], demo: false }));
  expect((await fetch(url)).status).toBe(404);
  expect(await statuses(url)).toEqual(each(404));
}, 120_000);

it('asks for a token that may publish before it opens a demo socket to other machines', async () => {
  const { port } = await npmStart('--config', config({ http: ['0.0.0.0:0'], auth: { tokens: ['hush'], readTokens: ['look'] } }));
  const url = `http://127.0.0.1:${port}`;
  expect(await statuses(url)).toEqual(each(401));
  expect(await statuses(url, 'look')).toEqual(each(403));
  expect(await statuses(url, 'hush')).toEqual(each(426));
  // The page has no data of the gateway, and asks for the token.
  expect((await fetch(url)).status).toBe(200);
}, 120_000);
