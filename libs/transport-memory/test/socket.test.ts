import { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { MemoryNetwork, type MemorySocket } from '../src/index.ts';

function socket() {
  const network = new MemoryNetwork({ seed: 1 });
  const { address } = network.listen({ host: 'memory', port: 0 }, { onAccept: () => {}, onError() {}, onClose() {} });
  let made: MemorySocket | null = null;
  network.connectSocket(address, { onConnect: (connected) => (made = connected), onFailure() {} });
  network.run();
  return { network, socket: made as unknown as MemorySocket };
}

describe('a socket', () => {
  it('is free until an endpoint owns it, and then cannot be adopted again', () => {
    const { network, socket: free } = socket();
    expect(free.isFree).toBe(true);
    const endpoint = network.transport.adopt(free);
    expect(free.isFree).toBe(false);
    expect(endpoint.peer).toEqual(free.peer);
    expect(() => network.transport.adopt(free)).toThrow(TransportError);
  });

  it('that was destroyed resets its peer, once, and cannot be adopted', () => {
    const { network, socket: gone } = socket();
    gone.destroy();
    gone.destroy();
    network.run();
    expect(gone.outbound.wasReset).toBe(true);
    expect(() => network.transport.adopt(gone)).toThrow(TransportError);
  });
});
