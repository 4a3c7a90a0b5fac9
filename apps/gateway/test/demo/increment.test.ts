import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
let client: MemoryClient;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
  client = memory.connect();
  client.upgrade('/increment');
});
afterEach(() => memory.stop());

const numbers = (): number[] => client.frames().map(({ payload }) => Number(payload));

describe('/increment', () => {
  it('counts every 50 ms, each client for itself', () => {
    memory.pass(220);
    const other = memory.connect();
    other.upgrade('/increment');
    memory.pass(100);
    expect(numbers()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(other.frames().map(({ payload }) => payload)).toEqual(['0', '1']);
  });

  it.each(['reset', 'reset\n'])('begins again at %j', (text) => {
    memory.pass(160);
    client.sendFrame(text);
    memory.pass(100);
    expect(numbers()).toEqual([0, 1, 2, 0, 1]);
  });

  it('closes with 1001 when asked to', () => {
    client.sendFrame('closeme');
    memory.pass(40);
    expect(client.frames()).toEqual([{ opcode: 8, payload: '\x03\xe9as you wish' }]);
    memory.pass(200);
    expect(client.frames()).toEqual([]);
  });

  it('goes on after anything else', () => {
    for (const text of ['', 'RESET', 'x'.repeat(1000)]) client.sendFrame(text);
    memory.pass(110);
    expect(numbers()).toEqual([0, 1]);
  });

  it('waits for who does not read: no number is left out, and no more is queued than the window holds', async () => {
    await memory.stop();
    memory = await GatewayInMemory.start({ windows: { outboundBytes: 16 * 1024, sharedWriteBytes: 4096 }, timeouts: { idleTimeoutMs: 0, pingIntervalMs: 0 } });
    client = memory.connect();
    client.upgrade('/increment');
    client.endpoint.setReading(false);
    for (let minutes = 0; minutes < 60; minutes++) {
      memory.pass(60_000);
      for (const connection of memory.gateway.registry.all()) expect(connection.queuedBytes).toBeLessThanOrEqual(16 * 1024 + 16);
    }
    client.endpoint.setReading(true);
    memory.pass(1000);
    const taken = client.frames().filter(({ opcode }) => opcode === 1).map(({ payload }) => Number(payload));
    expect(taken.length).toBeGreaterThan(1000);
    expect(taken).toEqual(taken.map((_, i) => i));
  });
});
