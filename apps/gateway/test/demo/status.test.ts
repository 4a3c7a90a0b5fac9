import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
let client: MemoryClient;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
  client = memory.connect();
  client.upgrade('/status');
});
afterEach(() => memory.stop());

interface Status {
  readonly upMs: number;
  readonly open: number;
  readonly states: Record<string, number>;
  readonly messagesIn: number;
  readonly connections: { readonly id: number; readonly protocol: string; readonly state: string; readonly ageMs: number; readonly queuedBytes: number }[];
}

const statuses = (): Status[] => client.frames().map(({ payload }) => JSON.parse(payload) as Status);

describe('/status', () => {
  it('tells at once, and every second', () => {
    memory.pass(10);
    expect(statuses()).toHaveLength(1);
    memory.pass(3010);
    expect(statuses().map(({ upMs }) => upMs)).toEqual([1000, 2000, 3000]);
  });

  it('tells the connections and their states, without addresses', () => {
    const other = memory.connect();
    other.upgrade('/topics/news');
    other.sendFrame('hello');
    memory.pass(1010);
    const text = client.received;
    const status = statuses().at(-1)!;
    expect(status).toMatchObject({ open: 2, states: { established: 2 }, messagesIn: 1 });
    expect(status.connections.map(({ protocol, state }) => [protocol, state.split('(')[0]])).toEqual([['websocket', 'established'], ['websocket', 'established']]);
    expect(text).not.toContain('127.0.0.1');
    other.endpoint.abort();
    memory.pass(1010);
    expect(statuses().at(-1)).toMatchObject({ open: 1 });
  });

  it('lists a hundred at most', () => {
    for (let i = 0; i < 120; i++) memory.connect();
    memory.pass(1010);
    const status = statuses().at(-1)!;
    expect([status.open, status.connections.length]).toEqual([121, 100]);
  });

  it('leaves out what a slow reader has no room for', async () => {
    await memory.stop();
    memory = await GatewayInMemory.start({ windows: { outboundBytes: 16 * 1024, sharedWriteBytes: 4096 }, timeouts: { idleTimeoutMs: 0, pingIntervalMs: 0 } });
    client = memory.connect();
    client.upgrade('/status');
    client.endpoint.setReading(false);
    for (let minutes = 0; minutes < 30; minutes++) {
      memory.pass(60_000);
      for (const connection of memory.gateway.registry.all()) expect(connection.queuedBytes).toBeLessThanOrEqual(16 * 1024 + 64);
    }
    client.endpoint.setReading(true);
    memory.pass(1010);
    client.received = '';
    memory.pass(1010);
    expect(statuses()[0]!.upMs).toBeGreaterThan(30 * 60_000);
  });
});
