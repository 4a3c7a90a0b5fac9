// Every shortest path of the connector chart, and each transition of each state, is taken by a connector over real sockets, by what really
// causes each event (support/connector-causes.ts): servers of all kinds, a real gateway among them.

import { connectorMachine } from '@sluice/connection';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartPaths, pathOf } from '../support/chart-paths.ts';
import { connectorRules, ConnectorStage } from '../support/connector-causes.ts';

const { paths, unreached } = chartPaths(connectorMachine, connectorRules);
let stage: ConnectorStage;

beforeAll(async () => {
  stage = await ConnectorStage.start();
});
afterAll(() => stage.stop());

describe('the paths of the connector chart', () => {
  it('lead to every state', () => {
    expect([...unreached.keys()]).toEqual([]);
  });

  it.each(paths.map((path) => [path.name, path] as const))('%s', async (_name, path) => {
    const { steps } = await stage.take(path);
    const promised = path.steps.map(({ event, to }) => ({ event, to }));
    expect(steps.slice(0, promised.length)).toEqual(promised);
    expect(pathOf(connectorMachine, steps.map(({ event }) => event)).steps.map(({ event, to }) => ({ event, to }))).toEqual(steps);
    expect(steps.at(-1)!.to).toBe('stopped');
  });
});
