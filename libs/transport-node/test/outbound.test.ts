// Attempts that are given up at each stage: nothing of them stays in the event loop.

import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSocket } from '../src/outbound.ts';
import { settle, until } from './set-up.ts';

const inUse = (): string[] => process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|Connect|GetAddrInfo/.test(name)).toSorted();

let server: Server;
let address: { host: string; port: number };
beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
});
afterEach(() => server.close());

describe('connectSocket', () => {
  it('gives up while the name is looked up, while it connects, and after any number of turns', async () => {
    const before = inUse();
    for (const host of ['localhost', '127.0.0.1', '192.0.2.1']) {
      for (let turns = 0; turns < 4; turns++) {
        const controller = new AbortController();
        const attempt = connectSocket({ host, port: address.port, signal: controller.signal });
        const outcome = attempt.then(
          (socket) => socket.destroy() && 'connected',
          (error: { kind: string }) => error.kind,
        );
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        controller.abort();
        // With time to spare it may have been faster, or the network may have no way there.
        expect(turns === 0 ? ['closed'] : ['closed', 'connected', 'unreachable', 'connectionRefused']).toContain(await outcome);
      }
    }
    expect(await until(() => inUse().join() === before.join()), `${inUse().join()} against ${before.join()}`).toBe(true);
  });

  it('gives a socket that the signal does not reach any more', async () => {
    const controller = new AbortController();
    const socket = await connectSocket({ ...address, signal: controller.signal });
    controller.abort();
    await settle();
    expect(socket.destroyed).toBe(false);
    expect(socket.listenerCount('error')).toBe(0);
    socket.destroy();
  });

  it('names the operation that failed', async () => {
    server.close();
    await expect(connectSocket(address)).rejects.toMatchObject({ operation: 'connect', kind: 'connectionRefused' });
    await expect(connectSocket({ host: 'host.invalid', port: 1 })).rejects.toMatchObject({ operation: 'resolve' });
    await expect(connectSocket({ host: '127.0.0.1', port: 70_000 })).rejects.toThrow(RangeError);
  });
});
