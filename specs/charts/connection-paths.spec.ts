// Every shortest path of the connection chart, and each transition of each state, is taken by a real client on a real socket of a real
// gateway, by what really causes each event (support/connection-causes.ts). What subscribers are told and what the inspector's stream shows
// is what the chart promises for the path.
//
// Only time is the spec's own: it stands still until a deadline is to pass.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionMachine } from '@sluice/connection';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartPaths, pathOf } from '../support/chart-paths.ts';
import { PathGateway } from '../support/connection-causes.ts';
import { connectionRules } from '../support/connection-rules.ts';

const { paths, ruledOut, unreached } = chartPaths(connectionMachine, connectionRules);
const root = mkdtempSync(join(tmpdir(), 'paths-'));
let gateway: PathGateway;

beforeAll(async () => {
  gateway = await PathGateway.start(root);
});
afterAll(async () => {
  await gateway.running.stop();
  rmSync(root, { recursive: true });
});

describe('the paths of the connection chart', () => {
  it('lead to every state, but for those with a reason', () => {
    expect([...unreached].filter(([, reason]) => reason === null)).toEqual([]);
  });

  it.each(paths.map((path) => [path.name, path] as const))('%s', async (_name, path) => {
    const at = await gateway.take(path);
    const shown = await at.end();
    const promised = path.steps.map(({ event, to }) => ({ event, to }));
    expect(shown.slice(0, promised.length), 'the inspector').toEqual(promised);
    expect(at.seen.steps, 'subscribers').toEqual(shown.map(({ to }) => to));
    // What came of it afterwards is the chart's too.
    expect(pathOf(connectionMachine, shown.map(({ event }) => event)).steps.map(({ to }) => to)).toEqual(at.seen.steps);
    expect(at.seen.steps.at(-1)).toBe('closed');
  });
});

describe('what nothing outside can cause', () => {
  it('is a row of states, each behind the last output', () => {
    expect([...unreached.keys()].toSorted()).toEqual(['choked', 'chokedThrottled'].map((outbound) => `established(inbound.ended outbound.${outbound})`));
  });

  it.each(ruledOut.map(({ path, reason }) => [`${path.steps.at(-1)!.from}: ${path.steps.at(-1)!.event}`, reason, path] as const))('%s: %s', async (_name, reason, path) => {
    const { from, event } = path.steps.at(-1)!;
    const at = await gateway.tryInVain(path);
    const shown = await at.end();
    const steps = pathOf(connectionMachine, shown.map((step) => step.event)).steps.slice(path.steps.length - 1);
    expect(steps.filter((step) => step.from === from && step.event === event), reason).toEqual([]);
  });
});
