import type { Connection } from '@sluice/connection';
import type { ConnectionRegistry } from '@sluice/supervision';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ByteRates } from '../../src/inspection/byte-rates.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest } from './admin-client.ts';

let running: GatewayInMemory;
let rates: ByteRates;
beforeEach(async () => {
  running = await GatewayInMemory.start();
  rates = new ByteRates(running.gateway.registry);
});
afterEach(() => running.stop());

function open() {
  const client = running.connect();
  client.upgrade('/topics/a');
  return { client, connection: newest(running) };
}
const now = () => running.network.clock.now();

describe('ByteRates', () => {
  it('covers the whole life at first, and then the last second or two', () => {
    const { client, connection } = open();
    const opened = connection.endpoint.bytesIn;
    running.pass(1000 - (now() - connection.openedAtMs));
    rates.refresh(now());
    expect(rates.of(connection, now()).inBytesPerSecond).toBe(opened);
    running.pass(1000);
    rates.refresh(now());
    client.sendFrame('x'.repeat(94));
    running.pass(1000);
    rates.refresh(now());
    // 100 bytes since the sample before the last, which is one second old.
    expect(rates.of(connection, now()).inBytesPerSecond).toBe(100);
    running.pass(1000);
    rates.refresh(now());
    expect(rates.of(connection, now()).inBytesPerSecond).toBe(0);
  });

  it('knows each of many, in any order, those that came and went meanwhile too', () => {
    const all = [1, 2, 3, 4, 5].map(open);
    rates.refresh(now());
    running.pass(1000);
    rates.refresh(now());
    all[1]!.connection.abort();
    const late = open();
    for (const [index, { client }] of all.entries()) if (index !== 1) client.sendFrame('x'.repeat(94 + 10 * index));
    running.pass(1000);
    const of = ({ connection }: ReturnType<typeof open>) => rates.of(connection, now()).inBytesPerSecond;
    for (const index of [4, 0, 3, 2]) expect(of(all[index]!)).toBeCloseTo((100 + 10 * index) / 2, -1);
    expect(of(late)).toBeGreaterThan(0);
  });

  it('knows connections by numbers of any size', () => {
    const connection = { id: 2 ** 32 + 7, openedAtMs: 0, endpoint: { bytesIn: 5000, bytesOut: 0 } } as unknown as Connection;
    const other = { ...connection, id: 7 } as Connection;
    const of = new ByteRates({ size: 2, all: () => [other, connection].values() } as unknown as ConnectionRegistry);
    for (const nowMs of [1000, 2000, 3000]) of.refresh(nowMs);
    expect([of.of(connection, 3000), of.of(other, 3000)].map(({ inBytesPerSecond }) => inBytesPerSecond)).toEqual([0, 0]);
  });

  it('forgets what nobody asks for', () => {
    const { client, connection } = open();
    rates.refresh(now());
    running.pass(1000);
    rates.refresh(now());
    running.pass(20_000);
    rates.sweep(now());
    client.sendFrame('x');
    running.pass(10);
    rates.refresh(now());
    const life = (now() - connection.openedAtMs) / 1000;
    expect(rates.of(connection, now()).inBytesPerSecond).toBe(Math.round(connection.endpoint.bytesIn / life));
  });
});
