import { describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { EventReader, jsonOf, newest, statusOf } from './admin-client.ts';

describe('inspection in a gateway', () => {
  it('keeps as many that closed as the configuration says, each with so many steps', async () => {
    const running = await GatewayInMemory.start({ inspection: { maxRecordedConnections: 3, maxRecordedSteps: 4 } });
    for (let i = 0; i < 5; i++) {
      running.connect().upgrade('/topics/a');
      for (let n = 0; n < 10; n++) {
        newest(running).quench();
        newest(running).resume();
      }
      newest(running).abort();
    }
    const admin = running.connectAdmin();
    const { total, closed } = jsonOf(admin.request('GET /inspection/closed')) as { total: number; closed: { id: number }[] };
    expect(total).toBe(3);
    const { actors } = jsonOf(admin.request(`GET /inspection/recordings/${closed[0]!.id}`)) as { actors: { steps: []; lostSteps: number }[] };
    expect([actors[0]!.steps.length, actors[0]!.lostSteps > 10]).toEqual([3, true]);
    expect(statusOf(admin.request(`GET /inspection/recordings/${closed[2]!.id - 2}`))).toBe(404);
    await running.stop();
  });

  it('is over with the gateway, whatever is open: watchers, streams, a drain of all', async () => {
    const running = await GatewayInMemory.start({ drain: { connectionsPerSecond: 1 } });
    for (let i = 0; i < 3; i++) running.connect().upgrade('/topics/a');
    const events = new EventReader(running, `/inspection/connections/${newest(running).id}/events`);
    const totals = new EventReader(running, '/inspection/totals');
    running.connectAdmin().upgrade('/inspection/stream');
    const body = '{"action":"drainAll"}';
    running.connectAdmin().send(`POST /inspection/actions HTTP/1.1\r\nHost: memory\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    running.connectAdmin().send('GET /inspection/charts/listener HTTP/1.1\r\nHost: memory\r\n\r\n');
    running.pass(10);
    await running.stop();
    running.network.run();
    expect([events.client.isClosed, totals.client.isClosed]).toEqual([true, true]);
    expect([running.gateway.registry.size, running.gateway.pool.outstanding(), running.network.clock.pending, running.loop.wheel.size]).toEqual([0, { bytes: 0, handles: 0 }, 0, 0]);
  });
});
