// Fail anywhere: one operation of a connection fails, the first, then the second, and so on to the last there is, and in each of
// four ways. Whatever fails, only its own connection notices; and when the gateway has stopped, nothing of it is left: no
// connection, deadline, timer, subscription, byte or handle, and nothing was thrown at nobody.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultMode, Patches } from '../support/fault-points.ts';
import { patchEverything, playScenario, type ScenarioOutcome } from '../support/fault-scenario.ts';

let root: string;
let patches: Patches;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fail-anywhere-'));
  writeFileSync(join(root, 'small.txt'), 'small');
  writeFileSync(join(root, 'large.bin'), Buffer.alloc(100_000, 'large'));
  patches = patchEverything();
});
afterAll(() => {
  patches.undo();
  rmSync(root, { recursive: true });
});

const play = (mode: FaultMode, point: number): Promise<ScenarioOutcome> => playScenario({ mode, point, patches, root });

it('does everything when nothing fails', async () => {
  const { points, problems, statuses, closeCodes } = await play('throwBefore', 0);
  expect(problems).toEqual([]);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 404, 405, 200]);
  expect(closeCodes).toEqual([1000, 1001]);
  expect(points.hit).toBeNull();
  expect(points.reached).toBeGreaterThan(200);
});

describe.each(['throwBefore', 'throwAfter', 'reset', 'end'] as const)('%s', (mode) => {
  it('harms nobody else and leaves nothing, whatever operation it happens to', { timeout: 120_000 }, async () => {
    const failed: string[] = [];
    let point = 1;
    for (; ; point++) {
      const { points, problems } = await play(mode, point);
      if (points.hit === null) break;
      for (const problem of problems) failed.push(`${mode} ${point} (${points.hit}): ${problem}`);
      if (failed.length > 20) break;
    }
    expect(failed).toEqual([]);
    expect(point).toBeGreaterThan(200);
  });
});
