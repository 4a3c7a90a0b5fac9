import { afterEach, describe, expect, it } from 'vitest';
import { ByteRates } from '../../src/inspection/byte-rates.ts';
import { connectionDocument } from '../../src/inspection/connection-document.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest } from './admin-client.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

describe('connectionDocument', () => {
  it('is plain JSON, with the hub’s tags apart from the chart’s', async () => {
    running = await GatewayInMemory.start();
    running.connect().upgrade('/topics/a?tag=mine');
    const connection = newest(running);
    connection.quench();
    running.pass(500);
    const document = connectionDocument(connection, 'listener:7', new ByteRates(running.gateway.registry), running.network.clock.now(), 42);
    expect(document).toMatchObject({ chart: 'connection', tags: ['paused'], clientTags: ['mine'], isQuenched: true, listener: 'listener:7', atMs: 42 });
    expect(document.rateInBytesPerSecond).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(document).not.toHaveProperty('secure');
  });

  it('does not make the connection do anything', async () => {
    running = await GatewayInMemory.start();
    running.connect().upgrade('/topics/a');
    const connection = newest(running);
    running.pass(100);
    const before = [running.network.clock.pending, running.loop.wheel.size, connection.state];
    connectionDocument(connection, '', new ByteRates(running.gateway.registry), running.network.clock.now(), 0);
    expect([running.network.clock.pending, running.loop.wheel.size, connection.state]).toEqual(before);
  });
});
