import { once } from 'node:events';
import { Pool } from '@sluice/brigade';
import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoint, Listener } from '@sluice/transport';
import { createNodeTransport, type NodeTransport, type NodeTransportOptions } from '../src/index.ts';
import { descriptorLimit } from '../src/overload.ts';
import { connectSocket, until } from './set-up.ts';

const answer = Buffer.from('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
const open: { listener: Listener; accepted: Endpoint[]; pool: Pool }[] = [];

async function listening(options: NodeTransportOptions): Promise<{ transport: NodeTransport; listener: Listener; accepted: Endpoint[] }> {
  const pool = new Pool();
  const transport = createNodeTransport({ pool, ...options });
  const accepted: Endpoint[] = [];
  const sink = {
    onAccept(endpoint: Endpoint) {
      accepted.push(endpoint);
    },
    onError() {},
    onClose() {},
  };
  const listener = await transport.listen({ host: '127.0.0.1', port: 0 }, sink);
  open.push({ listener, accepted, pool });
  return { transport, listener, accepted };
}

afterEach(() => {
  for (const { listener, accepted, pool } of open.splice(0)) {
    listener.close();
    for (const endpoint of accepted) endpoint.abort();
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  }
});

describe('descriptorLimit', () => {
  it.runIf(process.platform === 'linux')('knows the limit of this process', () => {
    expect(descriptorLimit()).toBeGreaterThan(10);
    expect(Number.isInteger(descriptorLimit()) || descriptorLimit() === Infinity).toBe(true);
  });
});

// Overload begins at descriptor 0: every connection is one too many.
describe.each([{ bareHandles: 'auto' }, { bareHandles: 'off' }] as const)('refusal with %o', (path) => {
  it('answers, ends and closes, whatever the peer has sent', async () => {
    const { transport, listener, accepted } = await listening({ ...path, descriptorLimit: 100, overloadShare: 0, overloadAnswer: () => answer });
    const socket = await connectSocket(listener.address);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.write('x'.repeat(300_000));
    socket.resume();
    await once(socket, 'end');
    expect(text).toBe(String(answer));
    const closed = once(socket, 'close');
    socket.end();
    expect((await closed)[0]).toBe(false);
    expect(accepted).toEqual([]);
    expect(transport.refused).toBe(1);
  });

  it('answers and closes at once where no descriptors are left to wait with', async () => {
    const { transport, listener } = await listening({ ...path, descriptorLimit: 1, overloadShare: 0, overloadAnswer: () => answer });
    const socket = await connectSocket(listener.address);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.resume();
    await once(socket, 'end');
    expect(text).toBe(String(answer));
    expect(transport.refused).toBe(1);
    socket.destroy();
  });

  it('closes at once without an answer', async () => {
    const { listener, accepted } = await listening({ ...path, descriptorLimit: 1 });
    const socket = await connectSocket(listener.address);
    socket.resume();
    await once(socket, 'end');
    socket.destroy();
    expect(accepted).toEqual([]);
  });

  it('asks the listener for its own answer first', async () => {
    const pool = new Pool();
    const transport = createNodeTransport({ ...path, pool, descriptorLimit: 1, overloadAnswer: () => answer });
    const sink = { onAccept() {}, onError() {}, onClose() {} };
    const overloadAnswer = ({ host }: { host: string }): Uint8Array => Buffer.from(`ERR: too many, ${host}\r\n`);
    const listener = await transport.listen({ host: '127.0.0.1', port: 0, overloadAnswer }, sink);
    const socket = await connectSocket(listener.address);
    socket.resume();
    const [text] = await once(socket, 'data');
    expect(String(text)).toBe('ERR: too many, 127.0.0.1\r\n');
    socket.destroy();
    listener.close();
  });

  it('lets a connection in when something else was closed for it', async () => {
    let idle = 1;
    const makeRoom = (): boolean => idle-- > 0;
    const { transport, listener, accepted } = await listening({ ...path, overloadDescriptor: 0, makeRoom });
    const [first, second] = [await connectSocket(listener.address), await connectSocket(listener.address)];
    expect(await until(() => transport.refused === 1)).toBe(true);
    expect(accepted.length).toBe(1);
    first.destroy();
    second.destroy();
  });

  it('lets connections in below the share, and always when it is off', async () => {
    for (const options of [{ descriptorLimit: 1_000_000 }, { descriptorLimit: 1, overloadShare: 1 }]) {
      const { transport, listener, accepted } = await listening({ ...path, ...options });
      const socket = await connectSocket(listener.address);
      expect(await until(() => accepted.length === 1)).toBe(true);
      expect(transport.refused).toBe(0);
      socket.destroy();
    }
  });
});
