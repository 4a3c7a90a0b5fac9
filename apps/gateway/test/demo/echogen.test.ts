import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { echogenBytes } from '../../src/demo/echogen.ts';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { takeMessages, type Message } from './fragments.ts';

let memory: GatewayInMemory;
let client: MemoryClient;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
  client = memory.connect();
  client.upgrade('/echogen');
});
afterEach(() => memory.stop());

function generated(): Message {
  for (let turns = 0; turns < 200; turns++) {
    memory.pass(50);
    const [message] = takeMessages(client);
    if (message !== undefined) return message;
  }
  throw new Error('nothing came');
}

/** In frames that the client's length of two bytes can hold. */
function sendInPieces(text: string, pieceBytes: number): void {
  for (let at = 0; at < text.length; at += pieceBytes) {
    client.sendFrame(text.slice(at, at + pieceBytes));
    memory.pass(1);
  }
  memory.pass(100);
}

describe('/echogen', () => {
  it('sends a million bytes of text in fragments of 2,048', () => {
    const { opcode, payload, fragments } = generated();
    expect([opcode, payload.length]).toEqual([1, echogenBytes]);
    expect(payload).toMatch(/^[!-~]*$/);
    expect(new Set(payload).size).toBe(94);
    expect(fragments.slice(0, -1).every((bytes) => bytes === 2048)).toBe(true);
    expect(fragments.at(-1)).toBe(echogenBytes % 2048);
  });

  it('verifies what comes back, in whatever pieces, says so and closes', () => {
    sendInPieces(generated().payload, 50_000);
    const [verdict, close] = takeMessages(client);
    expect(JSON.parse(verdict!.payload)).toEqual({ verified: echogenBytes, ms: expect.any(Number) as number });
    expect(close).toMatchObject({ opcode: 8, payload: '\x03\xe8' });
  });

  it.each([0, 123_456, echogenBytes - 1])('names the first byte that differs: %d', (at) => {
    const { payload } = generated();
    sendInPieces(`${payload.slice(0, at)}~~~${payload.slice(at + 3)}`.slice(0, at + 60_000), 60_000);
    const [close] = takeMessages(client);
    expect(close!.payload.slice(0, 2)).toBe('\x03\xf0');
    const named = Number(/^byte (\d+) is not what was sent$/.exec(close!.payload.slice(2))?.[1]);
    expect(named).toBe(at + [...payload.slice(at, at + 3), ''].findIndex((char) => char !== '~'));
  });

  it('refuses more than was sent', () => {
    client.sendFrame('x');
    memory.pass(100);
    expect(client.received).toContain('\x03\xf0byte 0 is not what was sent');
  });

  it('sends no more than a client may send back', async () => {
    await memory.stop();
    memory = await GatewayInMemory.start({ limits: { maxMessageBytes: 5000 } });
    client = memory.connect();
    client.upgrade('/echogen');
    expect(generated().fragments).toEqual([2048, 2048, 904]);
  });

  it('holds no more than the window for who does not read, and then goes on', async () => {
    await memory.stop();
    memory = await GatewayInMemory.start({ windows: { outboundBytes: 16 * 1024, sharedWriteBytes: 4096 } });
    client = memory.connect();
    client.upgrade('/echogen');
    client.endpoint.setReading(false);
    memory.pass(5000);
    for (const connection of memory.gateway.registry.all()) expect(connection.queuedBytes).toBeLessThanOrEqual(16 * 1024 + 4096);
    client.endpoint.setReading(true);
    expect(generated().payload).toHaveLength(echogenBytes);
  });
});
