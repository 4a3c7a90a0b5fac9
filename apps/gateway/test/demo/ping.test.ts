import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
let client: MemoryClient;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
  client = memory.connect();
  client.upgrade('/ping');
});
afterEach(() => memory.stop());

describe('/ping', () => {
  it('pings every second and says how long the pong took', () => {
    memory.pass(1010);
    const [ping] = client.frames();
    expect(ping).toEqual({ opcode: 9, payload: '\0\0\0\x01' });
    memory.pass(30);
    client.sendFrame(ping!.payload, 10);
    memory.pass(1);
    const [told] = client.frames();
    expect(JSON.parse(told!.payload)).toEqual({ sequence: 1, roundTripMs: 40 });
    memory.pass(1010);
    expect(client.frames()).toEqual([{ opcode: 9, payload: '\0\0\0\x02' }]);
  });

  it('has one ping on its way at most, and is told by no other pong', () => {
    memory.pass(3500);
    expect(client.frames()).toEqual([{ opcode: 9, payload: '\0\0\0\x01' }]);
    for (const payload of ['', '\0\0\0\0', '\0\0\0\x02', '\0\0\0\x01\0']) client.sendFrame(payload, 10);
    memory.pass(10);
    expect(client.frames()).toEqual([]);
    client.sendFrame('\0\0\0\x01', 10);
    client.sendFrame('\0\0\0\x01', 10);
    memory.pass(10);
    expect(client.frames()).toHaveLength(1);
  });

  it('sends messages back, so that the client can measure', () => {
    client.sendFrame('12:34');
    client.sendFrame('\xff', 2);
    memory.pass(10);
    expect(client.frames()).toEqual([
      { opcode: 1, payload: '12:34' },
      { opcode: 2, payload: '\xff' },
    ]);
  });
});
