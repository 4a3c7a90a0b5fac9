import { describe, expect, it } from 'vitest';
import { IdleLoad } from '../../src/load/idle.ts';
import { makeWorkload } from '../../src/load/workload.ts';
import { drive } from './clients.ts';
import { serveWebSockets } from './server.ts';

const job = { kind: 'idle', path: '/x', connections: 70 } as const;

describe('idle load', () => {
  it('holds its connections open', async () => {
    const { target, sockets } = await serveWebSockets(() => undefined);
    const { messages } = await drive([{ ...target, ...job }]);
    expect(messages).toBe(70);
    expect(sockets.size).toBe(70);
  });

  it('fails when the server closes one', async () => {
    const { target, sockets } = await serveWebSockets(() => undefined);
    const running = drive([{ ...target, ...job }], 60_000);
    while (sockets.size < 70) await new Promise((done) => setTimeout(done, 5));
    for (const socket of sockets) socket.terminate();
    await expect(running).rejects.toThrow(/closed a connection|ECONNRESET/);
  });

  it('is what an idle job makes', () => {
    expect(makeWorkload({ port: 1, localAddress: '127.0.0.1', ...job }, () => undefined)).toBeInstanceOf(IdleLoad);
  });
});
