// SIGHUP: the configuration is taken anew, without dropping anyone.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildGateway, GatewayProcess } from '../support/gateway-process.ts';
import { eventually } from '../support/running-gateway.ts';

let directory: string;
let file: string;
let gateway: GatewayProcess;
beforeAll(async () => {
  await buildGateway();
  directory = mkdtempSync(join(tmpdir(), 'sluice-reload-'));
  file = join(directory, 'gateway.json');
});
afterEach(() => gateway.kill());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (settings: unknown): void => writeFileSync(file, JSON.stringify(settings));
const publish = async (token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${gateway.url}/topics/news`, { method: 'POST', body: 'x', headers })).status;
};
const logged = (message: string): Record<string, unknown> | undefined => gateway.lines.find((line) => line['message'] === message);

it('takes other tokens for those who come, and leaves alone who is there', async () => {
  write({ auth: { tokens: ['one'] } });
  gateway = await GatewayProcess.start(['--config', file]);
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/topics/news?access_token=one`);
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  await new Promise((resolve) => socket.once('open', resolve));
  expect(await publish('one')).toBe(200);
  write({ auth: { tokens: ['two'] }, demo: true });
  gateway.signal('SIGHUP');
  await eventually('the reload is logged', () => logged('configuration reloaded') !== undefined);
  expect(logged('configuration reloaded')).toMatchObject({ needRestart: 'demo' });
  expect(await publish('one')).toBe(401);
  expect(await publish('two')).toBe(200);
  await eventually('the socket still receives', () => messages.length === 2);
  socket.terminate();
});

it('changes nothing when the configuration has a problem, and says what it is', async () => {
  write({ auth: { tokens: ['one'] } });
  gateway = await GatewayProcess.start(['--config', file]);
  write({ auth: { tokens: ['two'] }, limits: { maxHeaders: 'many' } });
  gateway.signal('SIGHUP');
  await eventually('the problem is logged', () => logged('configuration not reloaded') !== undefined);
  expect(logged('configuration not reloaded')?.['problem']).toContain('limits.maxHeaders');
  expect(await publish('one')).toBe(200);
  expect(await publish('two')).toBe(401);
});
