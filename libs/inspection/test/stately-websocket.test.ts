// Our events through `@statelyai/inspect`'s own WebSocket client, server and receiver.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { Inspection, lostEventType } from '../src/index.ts';
import { directory, Player, supervisor } from './support/cast.ts';

it('they arrive, all of them, as they were sent', async () => {
  const inspection = new Inspection({ root: supervisor, directory, epochMs: Date.now });
  const watcher = inspection.watch({}, { maxEvents: 40, maxBytes: 256 * 1024 })!;
  for (let i = 0; i < 12; i++) new Player((...step) => inspection.onStep(...step)).send('HANDSHAKE.DONE', 'OUTBOUND.FULL', 'ABORT');
  const events: string[] = [];
  for (let json = watcher.next(); json !== null; json = watcher.next()) events.push(json);
  expect(JSON.parse(events.at(-1)!)).toMatchObject({ event: { type: lostEventType, count: watcher.lost } });

  const child = spawn(process.execPath, [join(import.meta.dirname, 'support/stately-loop.ts')], { stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 * Number(process.env['TEST_SLOWNESS'] ?? 1) });
  child.stdin.end(`${events.join('\n')}\n`);
  const received = (await text(child.stdout)).trimEnd().split('\n');
  const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as unknown);
  expect(parsed(received)).toEqual(parsed(events));
});
