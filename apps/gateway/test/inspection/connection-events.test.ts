import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { EventReader, newest, statusOf } from './admin-client.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start({ inspection: { maxWatchers: 2, maxQueuedEvents: 16 } });
});
afterEach(() => running.stop());

const typesOf = (events: readonly { name: string; data: Record<string, unknown> }[]) => events.map(({ name, data }) => (name === 'inspection' ? data['type'] : name));

function watched() {
  const client = running.connect();
  client.upgrade('/topics/news');
  const connection = newest(running);
  return { client, connection, reader: new EventReader(running, `/inspection/connections/${connection.id}/events`) };
}

describe('the events of a connection', () => {
  it('begin with its gauges and who it is, its parents first', () => {
    const { connection, reader } = watched();
    const events = reader.events();
    expect(typesOf(events)).toEqual(['gauges', '@xstate.actor', '@xstate.actor', '@xstate.actor']);
    expect(events[0]!.data).toMatchObject({ queuedBytes: 0, highBytes: 1_048_576, heldBytes: 0, throttleInBytesPerSecond: 0, timers: [{ name: 'idle' }] });
    const { sessionId } = running.gateway.listeners[0]!.actor;
    expect(events.slice(1).map(({ data }) => [data['sessionId'], data['parentId']])).toEqual([
      ['gateway', undefined],
      [sessionId, 'gateway'],
      [connection.sessionId, sessionId],
    ]);
  });

  it('tell each step at the end of its turn, and the reason at last', () => {
    const { connection, reader } = watched();
    reader.events();
    connection.quench();
    const steps = reader.events().filter(({ name }) => name === 'inspection');
    expect(steps).toMatchObject([
      { data: { type: '@xstate.event', event: { type: 'INBOUND.FULL' }, sessionId: connection.sessionId } },
      { data: { type: '@xstate.snapshot', snapshot: { value: { established: { inbound: 'quenched', outbound: 'clear' } } } } },
    ]);
    connection.abort('aborted');
    expect(typesOf(reader.events()).slice(-3)).toEqual(['@xstate.snapshot', 'gauges', 'closed']);
    expect(reader.hasEnded).toBe(true);
  });

  it('have gauges twice a second while something changes, and a comment now and then while nothing does', () => {
    const { connection, client, reader } = watched();
    // The rates of what has been settle within some seconds.
    reader.events(5000);
    expect(reader.events(3000)).toEqual([]);
    connection.setThrottle('out', 1000);
    expect(reader.events(600)).toMatchObject([{ name: 'gauges', data: { throttleOutBytesPerSecond: 1000 } }]);
    client.sendFrame('x');
    expect(reader.events(600)).toMatchObject([{ name: 'gauges' }]);
    expect(reader.client.received).toBe('');
    running.pass(20_000);
    expect(reader.client.received).toContain(': still here');
  });

  it('are bounded: one further watcher is told to come later, and the place is free again when one goes', () => {
    const { connection, reader } = watched();
    const second = new EventReader(running, `/inspection/connections/${connection.id}/events`);
    const ask = () => running.connectAdmin().request(`GET /inspection/connections/${connection.id}/events`);
    const refusal = ask();
    expect([statusOf(refusal), refusal.includes('Retry-After: 5')]).toEqual([503, true]);
    reader.client.endpoint.abort();
    running.pass(1);
    expect(new EventReader(running, `/inspection/connections/${connection.id}/events`).events()).toHaveLength(4);
    second.client.endpoint.abort();
  });

  it('are lost, counted, to a client that never reads: bounded, and the watched connection goes on', () => {
    const { connection, client, reader } = watched();
    reader.events();
    reader.client.endpoint.setReading(false);
    let highest = 0;
    for (let i = 0; i < 12_000; i++) {
      connection.quench();
      connection.resume();
      if (i % 100 === 0) {
        running.pass(1);
        highest = Math.max(highest, running.gateway.pool.outstanding().bytes);
      }
    }
    // The window of the reader's connection, its neighbours in the network, and a queue of 16 events.
    expect(highest).toBeLessThan(4 * 1024 * 1024);
    client.sendFrame('still here');
    expect(client.messages(1)).toEqual(['still here']);
    reader.client.endpoint.setReading(true);
    const events = reader.events(100);
    const lost = events.filter(({ name }) => name === 'lost').reduce((sum, { data }) => sum + (data['count'] as number), 0);
    const told = events.filter(({ name, data }) => name === 'inspection' && data['type'] !== '@xstate.actor').length;
    expect(lost).toBeGreaterThan(10_000);
    // Introductions that came twice are counted too where they were lost.
    expect(lost + told).toBeGreaterThanOrEqual(48_000);
    connection.abort();
    expect(reader.events(1000).at(-1)).toMatchObject({ name: 'closed' });
  });

  it('end with the gateway, and nothing is left', async () => {
    const { connection } = watched();
    const totals = new EventReader(running, '/inspection/totals');
    const stream = running.connectAdmin();
    stream.upgrade('/inspection/stream');
    connection.quench();
    await running.stop();
    running.network.run();
    expect([totals.client.isClosed, stream.isClosed]).toEqual([true, true]);
    expect([running.gateway.pool.outstanding(), running.network.clock.pending, running.loop.wheel.size]).toEqual([{ bytes: 0, handles: 0 }, 0, 0]);
  });
});
