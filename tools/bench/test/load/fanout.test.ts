import { describe, expect, it } from 'vitest';
import { FanoutLoad } from '../../src/load/fanout.ts';
import type { Job } from '../../src/load/job.ts';
import { makeWorkload } from '../../src/load/workload.ts';
import { drive } from './clients.ts';
import { serveWebSockets } from './server.ts';

const job = { kind: 'fanout', path: '/topics/x', connections: 5, inFlight: 2, bytes: 64 } as const;

describe('fan-out load', () => {
  it.each([
    ['one process', [{ share: 'alone', connections: 5 }]],
    ['several processes', [{ share: 'publisher', connections: 3 }, { share: 'subscriber', connections: 2 }]],
  ] as const)('counts a delivery for each connection of %s', async (_, shares) => {
    let published = 0;
    const { target } = await serveWebSockets((_socket, data, all) => {
      published++;
      for (const each of all) each.send(data);
    });
    const { messages } = await drive(shares.map((share): Job => ({ ...target, ...job, ...share })));
    expect(messages).toBe(published * 5);
    expect(published).toBeGreaterThanOrEqual(2);
    expect(published % 2).toBe(0);
  });

  it('fails when one connection gets what another should have', async () => {
    const { target } = await serveWebSockets((_socket, data, all) => {
      const [first] = all;
      for (let i = 0; i < all.size; i++) first?.send(data);
    });
    await expect(drive([{ ...target, ...job, share: 'alone' }])).rejects.toThrow(/received \d+ bytes instead of \d+/);
  });

  it('is what a fan-out job makes', () => {
    const workload = makeWorkload({ port: 1, localAddress: '127.0.0.1', ...job, share: 'alone' }, () => undefined);
    expect(workload).toBeInstanceOf(FanoutLoad);
  });
});
