// What the compliance suite and our own tests need of Node: sockets made elsewhere, files, and the event loop.

import { closeSync, openSync, readSync, unlinkSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FileSource, Pool } from '@sluice/brigade';
import type { Adopter } from '@sluice/transport';
import type { TransportSetUp } from '@sluice/transport/compliance';
import { createNodeTransport, type NodeTransport, type NodeTransportOptions } from '../src/index.ts';

/** Turns the event loop until the condition holds; gives up when that takes so long that it hangs. */
export async function until(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + 30_000 * Number(process.env['TEST_SLOWNESS'] ?? 1);
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await nextTurn();
  }
  return true;
}

/** Turns the event loop until loopback has delivered what is under way. */
export async function settle(): Promise<void> {
  const deadline = performance.now() + 4;
  for (let turns = 0; turns < 20 || performance.now() < deadline; turns++) await nextTurn();
}

let files = 0;

/** An unlinked temporary file of these bytes. */
export function temporaryFile(bytes: Uint8Array): FileSource {
  const path = join(tmpdir(), `sluice-transport-${process.pid}-${files++}`);
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  unlinkSync(path);
  return {
    fd,
    readSync: (into, start, length, position) => readSync(fd, into, start, length, position),
    close: () => closeSync(fd),
  };
}

export function connectSocket(address: { host: string; port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ ...address, allowHalfOpen: true });
    socket.once('error', reject);
    socket.pause();
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
  });
}

export function nodeSetUp(path: NodeTransport['path'], options: NodeTransportOptions): TransportSetUp {
  return {
    name: `transport-node (${path})`,
    host: '127.0.0.1',
    ipv6Host: '::1',
    foreignHost: '192.0.2.1',
    unknownHost: 'host.invalid',
    platformBufferBytes: 8 << 20,
    adopts: true,
    failsAccepts: false,
    cancels: true,
    knownHost: 'localhost',
    open() {
      const pool = new Pool('transport under test');
      const transport = createNodeTransport({ ...options, pool });
      if (transport.path !== path) throw new Error(`this platform has ${transport.path}, not ${path}`);
      return {
        transport,
        until,
        settle,
        openFile: temporaryFile,
        pools: [pool],
        resolver: transport,
        foreign: {
          adopter: transport as Adopter<unknown>,
          connect: connectSocket,
          destroy: (socket) => (socket as Socket).destroy(),
        },
        close: () => pool.destroy(),
      };
    },
  };
}
