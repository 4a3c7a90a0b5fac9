import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { takeMessages, type Message } from './fragments.ts';

let memory: GatewayInMemory;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
});
afterEach(() => memory.stop());

/** All that comes, up to the close frame. */
function all(client: MemoryClient): Message[] {
  const messages: Message[] = [];
  for (let turns = 0; turns < 2000 && messages.at(-1)?.opcode !== 8; turns++) {
    memory.pass(50);
    messages.push(...takeMessages(client));
  }
  return messages;
}

function fraggle(query: string): Message[] {
  const client = memory.connect();
  client.upgrade(`/fraggle${query}`);
  return all(client);
}

function sumOf(payload: string): number {
  let sum = 0;
  for (let i = 0; i < payload.length; i++) sum = (sum + payload.charCodeAt(i)) >>> 0;
  return sum;
}

describe('/fraggle', () => {
  it('sends messages in random fragments, each with the sum of its bytes behind it, and closes', () => {
    const [first, ...rest] = fraggle('?seed=7&messages=50');
    const close = rest.pop();
    expect(JSON.parse(first!.payload)).toEqual({ seed: 7, messages: 50 });
    expect(close).toMatchObject({ opcode: 8, payload: '\x03\xe8' });
    expect(rest).toHaveLength(100);
    const fragments: number[] = [];
    for (let i = 0; i < rest.length; i += 2) {
      const [message, checksum] = [rest[i]!, rest[i + 1]!];
      expect([message.opcode, checksum.opcode, checksum.fragments]).toEqual([2, 2, [4]]);
      expect(Buffer.from(checksum.payload, 'latin1').readUInt32BE()).toBe(sumOf(message.payload));
      expect(message.fragments.length).toBeLessThanOrEqual(16);
      fragments.push(...message.fragments);
    }
    expect(Math.max(...fragments)).toBeLessThanOrEqual(8000);
    expect(Math.max(...fragments)).toBeGreaterThan(7500);
    expect(new Set(rest.map((message) => message.fragments.length)).size).toBeGreaterThan(10);
  });

  it('sends the same again for the same seed, whatever the client’s pace, and another for another', async () => {
    const before = fraggle('?seed=99&messages=10');
    expect(fraggle('?seed=100&messages=10')).not.toEqual(before);
    await memory.stop();
    memory = await GatewayInMemory.start({ windows: { outboundBytes: 16 * 1024, sharedWriteBytes: 4096 } });
    const client = memory.connect();
    client.upgrade('/fraggle?seed=99&messages=10');
    client.endpoint.setReading(false);
    memory.pass(3000);
    for (const connection of memory.gateway.registry.all()) expect(connection.queuedBytes).toBeLessThanOrEqual(16 * 1024 + 8100);
    client.endpoint.setReading(true);
    expect(all(client)).toEqual(before);
  });

  it('picks a seed and says it', () => {
    const [first, ...rest] = fraggle('?messages=1');
    const { seed } = JSON.parse(first!.payload) as { seed: number };
    expect(fraggle(`?seed=${seed}&messages=1`)).toEqual([first, ...rest]);
  });

  it('does not look at what the client sends', () => {
    const client = memory.connect();
    client.upgrade('/fraggle?seed=1&messages=5');
    client.sendFrame('hello');
    expect(all(client)).toHaveLength(1 + 10 + 1);
  });

  it.each(['?seed=0', '?seed=4294967296', '?seed=x', '?messages=0', '?messages=10001', '?messages=1.5'])('refuses %s', (query) => {
    expect(memory.connect().request(`GET /fraggle${query}`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
