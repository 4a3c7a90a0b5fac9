// Fail anywhere: one operation of a connection fails, the first, then the second, and so on to the last there is, and in each of
// four ways. Whatever fails, only its own connection notices; and when the gateway has stopped, nothing of it is left: no
// connection, deadline, timer, subscription, tag, rate, byte or handle, and nothing was thrown at nobody.
//
// Each operation fails in one of the ways, in another one in each run, as `SLUICE_SEED` says (0 to 3; it is printed). `SLUICE_EVERY_WAY=1`
// has all of them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandSession } from '../support/fault-commands.ts';
import { mirrorAndTags, throttledConnections } from '../support/fault-limits.ts';
import { patchEverything } from '../support/fault-patches.ts';
import type { FaultMode, Patches } from '../support/fault-points.ts';
import { aDay } from '../support/fault-scenario.ts';
import { playScenario, type Scenario, type ScenarioOutcome } from '../support/fault-stage.ts';

const root = mkdtempSync(join(tmpdir(), 'fail-anywhere-'));
let patches: Patches;
beforeAll(() => {
  writeFileSync(join(root, 'small.txt'), 'small');
  writeFileSync(join(root, 'large.bin'), Buffer.alloc(100_000, 'large'));
  patches = patchEverything();
});
afterAll(() => {
  patches.undo();
  rmSync(root, { recursive: true });
});

const modes = ['throwBefore', 'throwAfter', 'reset', 'end'] as const;
const seed = Number(process.env['SLUICE_SEED'] ?? Math.floor(Math.random() * modes.length));
const everyWay = process.env['SLUICE_EVERY_WAY'] === '1';

interface Wanted {
  readonly scenario: Scenario;
  readonly leastPoints: number;
  readonly seen: readonly string[];
}

const scenarios: Record<string, Wanted> = {
  'a day': {
    scenario: aDay(root),
    leastPoints: 200,
    seen: ['200', '200', '200', '200', '200', '200', '200', '200', '404', '405', '200', 'closed 1000', 'closed 1001'],
  },
  'command sessions': {
    scenario: commandSession,
    leastPoints: 200,
    seen: [
      'OK', 'OK', 'OK', 'OK', 'MSG news', 'MSG news', 'OK', 'OK', 'OK', 'MSG news',
      'ERR: Unknown command NONSENSE; HELP tells which there are.', 'ERR: Not a topic: "news.*" has a wildcard at index 5; only subscriptions may have them.', 'OK', 'OK', 'OK', '/',
      'BYE: Nothing was sent for too long.', '/',
      'OK', 'MSG news', 'ERR: The connection ends before that time.', 'BYE: The gateway is stopping.', '/',
      'OK ERR: A header is not of the form Name: value.',
    ],
  },
  'throttled connections': { scenario: throttledConnections, leastPoints: 150, seen: ['200', '200', '8', '8', 'closed 1001'] },
  'the mirror and tags': {
    scenario: mirrorAndTags,
    leastPoints: 200,
    seen: ['23 on the mirror', '1 dropped', 'to the tagged', 'last', 'to the tagged'],
  },
};

describe.each(Object.entries(scenarios))('%s', (_name, { scenario, leastPoints, seen }) => {
  const play = (mode: FaultMode, point: number): Promise<ScenarioOutcome> => playScenario({ scenario, mode, point, patches });

  it('do everything when nothing fails', async () => {
    const outcome = await play('throwBefore', 0);
    expect(outcome.problems).toEqual([]);
    expect(outcome.seen).toEqual(seen);
    expect(outcome.points.hit).toBeNull();
    expect(outcome.points.reached).toBeGreaterThan(leastPoints);
  });

  it.each(modes)('%s: harm nobody else and leave nothing, whatever operation it happens to', async (mode) => {
    const stride = everyWay ? 1 : modes.length;
    const failed: string[] = [];
    let point = 1 + ((modes.indexOf(mode) + seed) % stride);
    for (; ; point += stride) {
      const { points, problems } = await play(mode, point);
      if (points.hit === null) break;
      for (const problem of problems) failed.push(`SLUICE_SEED=${seed} ${mode} ${point} (${points.hit}): ${problem}`);
      if (failed.length > 20) break;
    }
    expect(failed).toEqual([]);
    expect(point).toBeGreaterThan(leastPoints);
  });
});
