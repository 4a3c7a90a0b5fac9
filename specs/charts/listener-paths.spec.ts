// Every shortest path of the listener chart, and each transition of each state, is taken by a listener of a real gateway on real sockets, by
// what really causes each event (support/listener-causes.ts). What the inspector has recorded of it is what the chart promises.

import { listenerMachine } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { chartPaths } from '../support/chart-paths.ts';
import { bindFailure, listenerRules, ListenerStage, MoodyTransport } from '../support/listener-causes.ts';
import { runGateway } from '../support/running-gateway.ts';

const { paths, ruledOut, unreached } = chartPaths(listenerMachine, listenerRules);

describe('the paths of the listener chart', () => {
  it('lead to every state', () => {
    expect([...unreached.keys()]).toEqual([]);
    expect(ruledOut.map(({ path }) => path.name)).toEqual(['BIND.FAILED', 'STOP']);
  });

  it.each(paths.map((path) => [path.name, path] as const))('%s', async (_name, path) => {
    const { seen, recorded } = await new ListenerStage().take(path);
    const states = path.steps.slice(1).map(({ to }) => to);
    // The pause may be over before it is looked at: what comes of it afterwards is the next path's.
    expect(seen.slice(0, states.length)).toEqual(states);
    // An accept that only moves the deadline is not recorded.
    const changes = path.steps.filter(({ from, to }) => from !== to);
    expect(recorded.slice(0, changes.length)).toEqual(changes.map(({ event, to }) => ({ event, to })));
  });

  it('BIND.FAILED at the start fails the gateway, with the reason', async () => {
    const transport = new MoodyTransport();
    const starting = runGateway({ config: { http: ['127.0.0.2:0'] }, tls: false, transport });
    await transport.decide(bindFailure);
    await expect(starting).rejects.toMatchObject({ failures: [{ setting: 'http', error: { operation: 'listen', kind: 'addressInUse' } }] });
  });
});
