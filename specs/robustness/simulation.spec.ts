// Whole gateways' sessions in virtual time: publishers, followers over WebSocket, Server-Sent Events and the command protocol who come back after
// every break, sockets with tags, slow, rude and hasty peers, an operator who drains connections and sets their rates. For every seed: each follower has each publication once, in order, and
// a gap is told exactly where the history did not last; the windows hold at every event; at the end nothing is left.
//
// 400 seeds, or as many as SLUICE_SEEDS says. A failing seed is printed; `SLUICE_SEED=<seed>` replays it alone.

import { forEachSeedAsync } from '@sluice/transport-memory';
import { expect, it } from 'vitest';
import { simulate } from '../support/simulation.ts';
import { patienceMs } from '../support/patience.ts';

const replayed = process.env['SLUICE_SEED'];
const range = replayed === undefined ? { from: 1, count: Number(process.env['SLUICE_SEEDS'] ?? 400) } : { from: Number(replayed), count: 1 };

it(`holds what it promises for ${range.count} seeds from ${range.from} on`, { timeout: patienceMs(60_000 + range.count * 140) }, async () => {
  const total = { publications: 0, deliveries: 0, connections: 0, gaps: 0, acknowledged: 0, tagged: 0, throttles: 0, events: 0, choked: 0 };
  const closes = new Map<string, number>();
  const startedAt = performance.now();
  await forEachSeedAsync(range, async (seed) => {
    const summary = await simulate(seed);
    total.publications += summary.publications;
    total.deliveries += summary.deliveries;
    total.connections += summary.connections;
    total.gaps += summary.gaps;
    for (const what of ['acknowledged', 'tagged', 'throttles'] as const) total[what] += summary[what];
    total.events += summary.events;
    total.choked += Number(summary.wasChoked);
    for (const [reason, count] of summary.closes) closes.set(reason, (closes.get(reason) ?? 0) + count);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${(range.count / seconds).toFixed(0)} seeds a second`, total, Object.fromEntries(closes));
  if (replayed !== undefined) return;
  // The runs were not empty ones: everything that is meant to happen has happened, many times.
  expect(total.deliveries).toBeGreaterThan(100 * range.count / 10);
  expect(total.gaps).toBeGreaterThan(range.count / 20);
  expect(total.choked).toBeGreaterThan(range.count / 50);
  for (const what of ['acknowledged', 'tagged', 'throttles'] as const) expect(total[what], what).toBeGreaterThan(range.count / 3);
  for (const reason of ['peerClosed', 'drained', 'transportError', 'truncated', 'slowConsumer', 'handshakeTimeout', 'protocolError', 'rateLimited']) {
    expect(closes.get(reason), reason).toBeGreaterThan(range.count / 100);
  }
});
