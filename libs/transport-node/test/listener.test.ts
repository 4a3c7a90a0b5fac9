import { Pool } from '@sluice/brigade';
import type { Endpoint, ListenerSink } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { createNodeTransport } from '../src/index.ts';
import { connectSocket, until } from './set-up.ts';

function recording(): { sink: ListenerSink; accepted: Endpoint[] } {
  const accepted: Endpoint[] = [];
  const sink: ListenerSink = {
    onAccept(endpoint) {
      accepted.push(endpoint);
    },
    onError() {},
    onClose() {},
  };
  return { sink, accepted };
}

describe('NodeListener', () => {
  it('serves both families on ::, and calls an IPv4 peer by its IPv4 address', async () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const { sink, accepted } = recording();
    const listener = await transport.listen({ host: '::', port: 0 }, sink);
    const { port } = listener.address;
    const sockets = [await connectSocket({ host: '127.0.0.1', port }), await connectSocket({ host: '::1', port })];
    expect(await until(() => accepted.length === 2)).toBe(true);
    expect(accepted.map((endpoint) => endpoint.peer.host).sort()).toEqual(['127.0.0.1', '::1']);
    expect(accepted.map((endpoint) => endpoint.local.host).sort()).toEqual(['127.0.0.1', '::1']);
    for (const socket of sockets) socket.destroy();
    for (const endpoint of accepted) endpoint.abort();
    listener.close();
  });

  it('keeps IPv4 out with ipv6Only', async () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const { sink } = recording();
    const listener = await transport.listen({ host: '::', port: 0, ipv6Only: true }, sink);
    await expect(connectSocket({ host: '127.0.0.1', port: listener.address.port })).rejects.toThrow('ECONNREFUSED');
    listener.close();
  });

  it('takes several addresses with one port', async () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const { sink, accepted } = recording();
    const first = await transport.listen({ host: '127.0.0.1', port: 0 }, sink);
    const second = await transport.listen({ host: '::1', port: first.address.port }, sink);
    const sockets = [await connectSocket(first.address), await connectSocket(second.address)];
    expect(await until(() => accepted.length === 2)).toBe(true);
    for (const socket of sockets) socket.destroy();
    for (const endpoint of accepted) endpoint.abort();
    first.close();
    second.close();
  });

  it('leaves nothing in the event loop after everything is closed', async () => {
    const active = (): number => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;

    for (const options of [{}, { bareHandles: 'off' }] as const) {
      const transport = createNodeTransport({ pool: new Pool(), ...options });
      const { sink, accepted } = recording();
      const listener = await transport.listen({ host: '127.0.0.1', port: 0 }, sink);
      const socket = await connectSocket(listener.address);
      expect(await until(() => accepted.length === 1)).toBe(true);
      accepted[0].close();
      listener.close();
      socket.destroy();
    }
    expect(await until(() => active() === 0)).toBe(true);
  });
});
