import { describe, expect, it, onTestFinished } from 'vitest';
import { LoadGenerator } from '../src/load-generator.ts';
import { serveWebSockets } from './load/server.ts';

const job = { kind: 'echo', path: '/echo', connections: 2, inFlight: 1, bytes: 8 } as const;

describe('the load generator', () => {
  it('works again on the same connections, and lets go of them when it stops', async () => {
    const { target, sockets } = await serveWebSockets((socket, data) => socket.send(data));
    const load = new LoadGenerator([{ ...target, ...job }]);
    onTestFinished(() => load.stop());
    await load.open();
    for (let i = 0; i < 3; i++) expect((await load.run(20)).messages).toBeGreaterThanOrEqual(2);
    expect(sockets.size).toBe(2);
    await load.stop();
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('says that nobody listens', async () => {
    const load = new LoadGenerator([{ ...job, port: 1, localAddress: '127.0.0.1' }]);
    onTestFinished(() => load.stop());
    await expect(load.open()).rejects.toThrow('ECONNREFUSED');
    await expect(load.run(10)).rejects.toThrow('ECONNREFUSED');
  });

  it('says that a server has gone away', async () => {
    const { target, sockets } = await serveWebSockets(() => {
      for (const socket of sockets) socket.terminate();
    });
    const load = new LoadGenerator([{ ...target, ...job }]);
    onTestFinished(() => load.stop());
    await load.open();
    await expect(load.run(10)).rejects.toThrow(/closed a connection|ECONNRESET/);
  });
});
