// wscat as a client: the program, with what a person would type.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { tied, tiedCommand } from '../support/child-processes.ts';

const program = join(dirname(createRequire(import.meta.url).resolve('wscat/package.json')), 'bin/wscat');

let running: RunningGateway;
let child: ChildProcessWithoutNullStreams;
let shown = '';
beforeEach(async () => {
  running = await runGateway();
});
afterEach(async () => {
  child.kill('SIGKILL');
  await running.stop();
});

function start(...args: string[]): void {
  shown = '';
  child = tied(spawn(...tiedCommand(process.execPath, [program, '--no-color', ...args])));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (shown += data.toString()));
}

// Without a terminal it says nothing of its own: only messages and control frames are shown.
const sees = (text: string): Promise<void> => eventually(`wscat shows ${JSON.stringify(text)}`, () => shown.includes(text));
const subscribed = (): Promise<void> => eventually('wscat has subscribed', () => running.gateway.hub.stats().subscriptions === 1);

it('publishes what is typed and shows what is published', async () => {
  start('-c', `${running.wsUrl}/topics/news`);
  await subscribed();
  await fetch(`${running.url}/topics/news`, { method: 'POST', body: 'posted' });
  await sees('posted\n');
  child.stdin.write('typed\n');
  await sees('typed\n');
  const history = (await (await fetch(`${running.url}/topics/news`)).json()) as { publications: unknown[] };
  expect(history.publications).toMatchObject([{ data: 'posted' }, { data: 'typed' }]);
});

it('asks for a sub-protocol, sends pings and a close code', async () => {
  start('--slash', '-P', '-s', 'sluice.v1', '-c', `${running.wsUrl}/topics/news`);
  await sees('"type":"subscribed"');
  child.stdin.write('/ping beat\n');
  await sees('Received pong (data: "beat")');
  child.stdin.write('/close 4001 enough\n');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await eventually('it was closed in good order', () => running.gateway.registry.closes().get('peerClosed') === 1);
});

it('-x sends and shows', async () => {
  start('-x', 'hello', '-w', '1', '-c', `${running.wsUrl}/echo`);
  await sees('hello\n');
});

it('ends when the gateway drains', async () => {
  start('-c', `${running.wsUrl}/topics/news`);
  await subscribed();
  for (const connection of running.gateway.registry.all()) connection.drain();
  expect(await once(child, 'exit')).toEqual([0, null]);
  await eventually('it was told to go', () => running.gateway.registry.closes().get('drained') === 1);
});
