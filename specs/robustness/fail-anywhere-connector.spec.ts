// Fail anywhere in an outbound connection: look-up, attempt, endpoint, session, engine or handler fails once, at each operation and in each of four
// ways. The connector tries again, is heard, and ends when it is told to; nothing is left of what failed.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patchClients, playConnector } from '../support/fault-connector.ts';
import type { Patches } from '../support/fault-points.ts';

let patches: Patches;
beforeAll(() => {
  patches = patchClients();
});
afterAll(() => patches.undo());

describe.each(['websocket', 'command'] as const)('over the protocol %s', (protocol) => {
  it('connects, is sent away, comes back and ends when nothing fails', async () => {
    const { points, problems, connects } = await playConnector(protocol, 'throwBefore', 0, patches);
    expect(problems).toEqual([]);
    expect(connects).toBe(2);
    expect(points.reached).toBeGreaterThan(60);
  });

  it.each(['throwBefore', 'throwAfter', 'reset', 'end'] as const)('%s: is there again, and leaves nothing', async (mode) => {
    const failed: string[] = [];
    let point = 1;
    for (; ; point++) {
      const { points, problems } = await playConnector(protocol, mode, point, patches);
      if (points.hit === null) break;
      for (const problem of problems) failed.push(`${mode} ${point} (${points.hit}): ${problem}`);
      if (failed.length > 20) break;
    }
    expect(failed).toEqual([]);
    expect(point).toBeGreaterThan(60);
  });
});
