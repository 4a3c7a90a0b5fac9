import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { acceptHandles, takeHandle, type TcpHandle, tcpInternals } from '../src/tcp-handle.ts';
import { connectSocket } from './set-up.ts';

async function listening(): Promise<{ server: ReturnType<typeof createServer>; address: { host: string; port: number } }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: { host: '127.0.0.1', port: (server.address() as { port: number }).port } };
}

describe('tcpInternals', () => {
  it('finds what endpoints need in this Node', () => {
    const internals = tcpInternals();
    expect(internals).not.toBe(null);
    expect(new (internals as NonNullable<typeof internals>).WriteRequest()).toBeInstanceOf(Object);
    expect(tcpInternals()).toBe(internals);
  });
});

describe('takeHandle', () => {
  it('takes the handle of a plain socket, which is destroyed while the connection lives on', async () => {
    const { server, address } = await listening();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = await connectSocket(address);
    const [peer] = await accepted;
    const handle = takeHandle(socket) as TcpHandle;
    expect(handle.fd).toBeGreaterThan(0);
    expect(socket.destroyed).toBe(true);
    expect(handle.getpeername({})).toBe(0);
    const ended = once(peer.resume(), 'close');
    handle.close();
    await ended;
    server.close();
  });

  it('leaves alone what is no plain socket, or still has something to write', async () => {
    class Special extends Socket {}
    expect(takeHandle(new Special())).toBe(null);
    expect(takeHandle(new Socket())).toBe(null);
    const { server, address } = await listening();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = await connectSocket(address);
    const [peer] = await accepted;
    socket.end('last words');
    expect(takeHandle(socket)).toBe(null);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
    peer.destroy();
    server.close();
  });
});

describe('acceptHandles', () => {
  it('hands over connections without making sockets, and failures as they come', async () => {
    const { server, address } = await listening();
    const handles: TcpHandle[] = [];
    const failures: number[] = [];
    let sockets = 0;
    server.on('connection', () => sockets++);
    expect(acceptHandles(server, (handle) => handles.push(handle), (status) => failures.push(status))).toBe(true);
    const socket = await connectSocket(address);
    while (handles.length === 0) await new Promise(setImmediate);
    (server as unknown as { _handle: { onconnection: (status: number) => void } })._handle.onconnection(-24);
    expect(failures).toEqual([-24]);
    expect(sockets).toBe(0);
    handles[0].close();
    socket.destroy();
    server.close();
  });

  it('changes nothing where there is no handle', () => {
    expect(acceptHandles(createServer(), () => {}, () => {})).toBe(false);
  });
});
