// Descriptors that a process may have been started with: right ones, in a process that was started with one, and wrong ones.

import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from '@sluice/brigade';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeTransport } from '../src/index.ts';
import { connectSocket } from './set-up.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-inherited-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const child = join(import.meta.dirname, 'inheriting-process.ts');

interface Heir {
  /** What it said of descriptor 3. */
  readonly said: { readonly host?: string; readonly port?: number; readonly error?: string };
  readonly ended: Promise<unknown>;
}

/** Starts a process with what this server listens on as its descriptor 3, as a service manager does. The server here is closed. */
async function bequeath(server: Server): Promise<Heir> {
  const heir = spawn(process.execPath, ['--conditions=@sluice/source', child], { stdio: ['ignore', 'pipe', 'inherit', descriptorOf(server)] });
  const ended = once(heir, 'close');
  server.close();
  let said = '';
  for await (const text of heir.stdout!.setEncoding('utf8')) {
    said += String(text);
    if (said.endsWith('\n')) break;
  }
  return { said: JSON.parse(said) as Heir['said'], ended };
}

async function listening(options: ListenOptions): Promise<Server> {
  const server = createServer().listen(options);
  await once(server, 'listening');
  return server;
}

function descriptorOf(holder: unknown): number {
  return (holder as { _handle: { fd: number } })._handle.fd;
}

function take(descriptor: number) {
  const transport = createNodeTransport({ pool: new Pool() });
  return transport.listen({ host: '203.0.113.1', port: 9, descriptor }, { onAccept() {}, onError() {}, onClose() {} });
}

describe('an inherited listening socket', () => {
  for (const [family, host] of [
    ['IPv4', '127.0.0.1'],
    ['IPv6', '::1'],
  ] as const) {
    it(`of ${family} is taken over with its address, whatever host and port were asked for`, async () => {
      const server = await listening({ host, port: 0 });
      const { port } = server.address() as AddressInfo;
      const { said, ended } = await bequeath(server);
      expect(said).toEqual({ host, port });
      const socket = await connectSocket({ host, port });
      let answer = '';
      for await (const text of socket.setEncoding('utf8')) answer += String(text);
      expect(answer).toBe(`accepted at ${host} ${port}`);
      await ended;
    });
  }

  it('of a path is refused, and closed', async () => {
    const path = join(directory, 'socket');
    const { said, ended } = await bequeath(await listening({ path }));
    expect(said.error).toMatch(/^adopt failed: other \(EAFNOSUPPORT\): descriptor 3 is a listening socket, but not one of TCP$/);
    await ended;
  });
});

describe('a descriptor that is none', () => {
  it('is named when it is not open', async () => {
    await expect(take(9999)).rejects.toMatchObject({ operation: 'adopt', code: 'EBADF', message: expect.stringContaining('descriptor 9999 is not open') });
  });

  it('is left alone when it is a file', async () => {
    const fd = openSync('/dev/null', 'r');
    await expect(take(fd)).rejects.toMatchObject({ operation: 'adopt', code: 'ENOTSOCK', message: expect.stringContaining('not a socket') });
    expect(fstatSync(fd).isCharacterDevice()).toBe(true);
    closeSync(fd);
  });

  it('is refused when it is connected', async () => {
    const server = await listening({ host: '127.0.0.1', port: 0 });
    const socket = await connectSocket({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    await expect(take(descriptorOf(socket))).rejects.toMatchObject({ operation: 'adopt', message: expect.stringContaining('cannot be listened on') });
    socket.destroy();
    server.close();
  });
});
