import { describe, expect, it } from 'vitest';
import { EchoLoad } from '../../src/load/echo.ts';
import { makeWorkload } from '../../src/load/workload.ts';
import { drive } from './clients.ts';
import { serveWebSockets } from './server.ts';

const job = { kind: 'echo', path: '/echo', connections: 3, inFlight: 4, bytes: 64 } as const;

describe('echo load', () => {
  it('counts what the server echoed, batch by batch', async () => {
    let received = 0;
    const { target } = await serveWebSockets((socket, data) => {
      received++;
      socket.send(data);
    });
    const { messages, cpuUs } = await drive([{ ...target, ...job }]);
    expect(messages).toBe(received);
    expect(messages).toBeGreaterThanOrEqual(3 * 4);
    expect(messages % 4).toBe(0);
    expect(cpuUs).toBeGreaterThan(0);
  });

  it('fails when more comes back than was sent', async () => {
    const { target } = await serveWebSockets((socket, data) => socket.send(Buffer.concat([data, data])));
    await expect(drive([{ ...target, ...job }])).rejects.toThrow(/bytes too many/);
  });

  it('is what an echo job makes', () => {
    const workload = makeWorkload({ port: 1, localAddress: '127.0.0.1', ...job }, () => undefined);
    expect(workload).toBeInstanceOf(EchoLoad);
  });
});
