// `npm start` on a terminal, ended by Ctrl-C: the terminal signals npm and the gateway, and npm signals the gateway once more.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildGateway } from '../support/gateway-process.ts';
import { hasTerminals, Terminal } from '../support/terminal.ts';

const workspace = resolve(import.meta.dirname, '../..');
const isLong = process.env['SLUICE_EVERY_WAY'] !== undefined;
const tries = isLong ? 8 : 2;

beforeAll(() => buildGateway(), 120_000);

it.runIf(hasTerminals)('Ctrl-C drains: no connection is reset', { timeout: 240_000 }, async () => {
  for (let attempt = 0; attempt < tries; attempt++) {
    const terminal = new Terminal(['npm', 'start', '--', '--http', '127.0.0.1:0', '--admin', 'off', '--no-log-access'], {
      cwd: workspace,
      env: { NX_DAEMON: 'false', NX_TUI: 'false' },
    });
    const [, port] = await terminal.until(/listening http:\/\/127\.0\.0\.1:(\d+)\//);
    const codes: number[] = [];
    const sockets = Array.from({ length: 20 }, () => new WebSocket(`ws://127.0.0.1:${port}/topics/news`));
    for (const socket of sockets) socket.on('close', (code) => codes.push(code)).on('error', () => {});
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    terminal.interrupt();
    await terminal.exit;
    expect(terminal.shown).toMatch(/"message":"stopped","drained":20,"aborted":0/);
    expect(codes).toEqual(Array<number>(20).fill(1001));
  }
});
