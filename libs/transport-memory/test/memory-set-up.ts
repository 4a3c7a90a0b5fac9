// The memory transport's set-up for the compliance suite.

import type { FileSource } from '@sluice/brigade';
import type { TransportSetUp } from '@sluice/transport/compliance';
import { MemoryNetwork, MemoryResolver, type MemoryNetworkOptions, type MemorySocket } from '../src/index.ts';

export function memoryFile(bytes: Uint8Array): FileSource {
  return {
    fd: -1,
    readSync(into, start, length, position) {
      const piece = bytes.subarray(position, position + length);
      into.set(piece, start);
      return piece.length;
    },
    close() {},
  };
}

export function memorySetUp(name: string, options: MemoryNetworkOptions): TransportSetUp {
  return {
    name,
    host: 'memory',
    ipv6Host: '::1',
    foreignHost: '192.0.2.1',
    unknownHost: 'nowhere.invalid',
    platformBufferBytes: options.pipeBytes ?? 64 * 1024,
    adopts: true,
    failsAccepts: true,
    cancels: true,
    knownHost: 'memory.example',
    open() {
      const network = new MemoryNetwork(options);
      return {
        transport: network.transport,
        until: (condition) => network.until(condition),
        settle: async () => void (await network.until(() => false)),
        openFile: memoryFile,
        pools: [network.pool],
        resolver: new MemoryResolver(network.clock).script('memory.example', { addresses: ['192.0.2.7', '2001:db8::7'] }),
        foreign: {
          adopter: network.transport,
          connect: (address) => new Promise<MemorySocket>((onConnect, onFailure) => network.connectSocket(address, { onConnect, onFailure })),
          destroy: (socket) => (socket as MemorySocket).destroy(),
        },
        failNextAccept: () => network.failAccepts(1),
        close: () => network.pool.destroy(),
      };
    },
  };
}
