// Transports to put TLS over, and what the compliance suite needs of them. The memory network's clock and Node's event loop turn
// together: TLS runs on the one, its bytes travel on the other.

import { closeSync, openSync, readSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FileSource, Pool } from '@sluice/brigade';
import type { TransportSetUp } from '@sluice/transport/compliance';
import { MemoryNetwork, type MemoryNetworkOptions } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import { secureTransport, TlsClientContexts, TlsContexts, type TlsForm, type TlsVersion } from '../src/index.ts';
import type { Certificates } from './certificates.ts';

/** So many turns of Node's event loop without any event of the network, and nothing is under way. */
const idleTurns = 24;
/** What TLS holds of both directions at both ends: read ahead, and one piece on its way. */
const layerBytes = 512 * 1024;

/** Turns the network's and Node's event loops until the condition holds, or both have run dry. */
export async function untilNetwork(network: MemoryNetwork, condition: () => boolean): Promise<boolean> {
  for (let idle = 0; idle < idleTurns; idle++) {
    if (condition()) return true;
    for (let steps = 0; steps < 16 && network.step(); steps++) {
      idle = 0;
      if (condition()) return true;
    }
    await nextTurn();
  }
  return condition();
}

/** Turns Node's event loop until the condition holds; gives up when that takes so long that it hangs. */
export async function untilNode(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + 30_000 * Number(process.env['TEST_SLOWNESS'] ?? 1);
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await nextTurn();
  }
  return true;
}

/** Turns Node's event loop until loopback has delivered what is under way. */
export async function settleNode(): Promise<void> {
  const deadline = performance.now() + 15;
  for (let turns = 0; turns < 400 || performance.now() < deadline; turns++) await nextTurn();
}

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

let files = 0;

function temporaryFile(directory: string, bytes: Uint8Array): FileSource {
  const path = join(directory, `file-${files++}`);
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  unlinkSync(path);
  return { fd, readSync: (into, start, length, position) => readSync(fd, into, start, length, position), close: () => closeSync(fd) };
}

function contexts(certificates: Certificates, form: TlsForm, version: TlsVersion): { server: TlsContexts; client: TlsClientContexts } {
  const identity = certificates.make({ subject: '/O=Sluice/CN=memory', names: 'DNS:memory,IP:127.0.0.1,IP:::1' });
  const versions = { minVersion: version, maxVersion: version };
  return {
    server: new TlsContexts({ certificates: [identity], form, ...versions }),
    client: new TlsClientContexts({ ca: certificates.root.certificate, ...versions }),
  };
}

export function tlsOverMemory(certificates: Certificates, form: TlsForm, version: TlsVersion, options: MemoryNetworkOptions): TransportSetUp {
  const tls = contexts(certificates, form, version);
  return {
    name: `${version}, ${form}, over memory`,
    host: 'memory',
    ipv6Host: '::1',
    foreignHost: '192.0.2.1',
    unknownHost: 'nowhere.invalid',
    platformBufferBytes: (options.pipeBytes ?? 64 * 1024) + layerBytes,
    adopts: false,
    failsAccepts: true,
    cancels: true,
    open() {
      const network = new MemoryNetwork(options);
      const pool = new Pool('tls under test');
      return {
        transport: secureTransport(network.transport, { ...tls, pool }),
        until: (condition) => untilNetwork(network, condition),
        settle: async () => void (await untilNetwork(network, () => false)),
        openFile: memoryFile,
        pools: [network.pool, pool],
        failNextAccept: () => network.failAccepts(1),
        close: () => {
          network.pool.destroy();
          pool.destroy();
        },
      };
    },
  };
}

export function tlsOverNode(certificates: Certificates, form: TlsForm, version: TlsVersion): TransportSetUp {
  const tls = contexts(certificates, form, version);
  return {
    name: `${version}, ${form}, over sockets`,
    host: '127.0.0.1',
    ipv6Host: '::1',
    foreignHost: '192.0.2.1',
    unknownHost: 'host.invalid',
    platformBufferBytes: (8 << 20) + layerBytes,
    adopts: false,
    failsAccepts: false,
    cancels: true,
    open() {
      const inner = new Pool('sockets under test');
      const pool = new Pool('tls under test');
      return {
        transport: secureTransport(createNodeTransport({ pool: inner }), { ...tls, pool }),
        until: untilNode,
        settle: settleNode,
        openFile: (bytes) => temporaryFile(certificates.directory, bytes),
        pools: [inner, pool],
        close: () => {
          inner.destroy();
          pool.destroy();
        },
      };
    },
  };
}
