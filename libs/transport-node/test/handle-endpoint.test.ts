// What only bare handles do; everything else is the compliance suite's.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Brigade, FileHandleRef, Pool, shareBytes } from '@sluice/brigade';
import type { Endpoint } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { createNodeTransport, type NodeTransportOptions } from '../src/index.ts';
import { connectSocket, temporaryFile, until } from './set-up.ts';

const quiet = { onBytes() {}, onEnd() {}, onProgress() {}, onClose() {} };

/** Endpoints of one transport and the plain sockets they talk to. */
async function pairs(options: NodeTransportOptions, count: number): Promise<{ pool: Pool; endpoints: Endpoint[]; sockets: Socket[]; close: () => void }> {
  const pool = new Pool();
  const transport = createNodeTransport({ pool, ...options });
  const endpoints: Endpoint[] = [];
  const sink = {
    onAccept(endpoint: Endpoint) {
      endpoint.attach(quiet);
      endpoints.push(endpoint);
    },
    onError() {},
    onClose() {},
  };
  const listener = await transport.listen({ host: '127.0.0.1', port: 0 }, sink);
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) sockets.push(await connectSocket(listener.address));
  await until(() => endpoints.length === count);
  return {
    pool,
    endpoints,
    sockets,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
      for (const endpoint of endpoints) endpoint.abort();
    },
  };
}

async function readAll(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    got += chunk.length;
  });
  socket.resume();
  await until(() => got >= bytes);
  return Buffer.concat(chunks);
}

/** Two plain sockets, connected with one another. */
async function rawPair(): Promise<{ socket: Socket; accepted: Socket; close: () => void }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepting = once(server, 'connection') as Promise<[Socket]>;
  const socket = await connectSocket({ host: '127.0.0.1', port });
  const [accepted] = await accepting;
  return {
    socket,
    accepted,
    close() {
      socket.destroy();
      accepted.destroy();
      server.close();
    },
  };
}

describe.each([{ nativeIo: 'auto' }, { nativeIo: 'off' }] as const)('HandleEndpoint with %o', (options) => {
  it('sends the same frames to many, some slow, and every one gets each byte in its place', async () => {
    const { pool, endpoints, sockets, close } = await pairs(options, 8);
    const frames = Array.from({ length: 120 }, (_, index) => shareBytes(pool, new Uint8Array(1 + ((index * 7919) % 150_000)).fill(index + 1)));
    const expected = Buffer.concat(frames.map((frame) => Buffer.from(frame.bytes as Uint8Array).subarray(frame.start, frame.start + frame.length)));
    for (let at = 0; at < frames.length; at += 10) {
      for (const endpoint of endpoints) {
        const brigade = new Brigade(pool);
        for (const frame of frames.slice(at, at + 10)) brigade.append(frame.retain());
        endpoint.write(brigade);
      }
      await new Promise(setImmediate);
    }
    for (const frame of frames) frame.release();
    const received = await Promise.all(sockets.map((socket) => readAll(socket, expected.length)));
    for (const bytes of received) expect(bytes.equals(expected)).toBe(true);
    for (const endpoint of endpoints) expect(endpoint.bytesOut).toBe(expected.length);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    close();
  });

  it('leaves a head and a small file in one read of the peer', async () => {
    const { pool, endpoints, sockets, close } = await pairs(options, 1);
    const handle = new FileHandleRef(pool, temporaryFile(Buffer.from('the file')), 8);
    const brigade = new Brigade(pool);
    brigade.writeLatin1('head, ');
    brigade.insertFile(handle, 0, 8);
    handle.release();
    endpoints[0].write(brigade);
    const [socket] = sockets;
    expect(String(await readAll(socket, 14))).toBe('head, the file');
    close();
  });
});

describe('adopt', () => {
  it('takes a descriptor, and names what is none', async () => {
    expect(() => createNodeTransport({ pool: new Pool() }).adopt(-1)).toThrow('adopt failed');
    // A descriptor has one owner, so it is handed to another process, as its descriptor 3.
    const { socket, accepted, close } = await rawPair();
    const script = `
      import { createNodeTransport } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
      import { Brigade, Pool } from '@sluice/brigade';
      const endpoint = createNodeTransport().adopt(3);
      endpoint.attach({ onBytes() {}, onEnd: () => endpoint.shutdown(), onProgress() {}, onClose() {} });
      const brigade = new Brigade(new Pool());
      brigade.writeLatin1('adopted from ' + endpoint.peer.host);
      endpoint.write(brigade);
      endpoint.setReading(true);`;
    const options = ['--conditions=@sluice/source', '--input-type=module', '-e', script];
    const child = spawn(process.execPath, options, { stdio: ['ignore', 'inherit', 'inherit', accepted] });
    accepted.destroy();
    const ended = once(socket, 'end');
    expect(String(await readAll(socket, 22))).toBe('adopted from 127.0.0.1');
    socket.end();
    await ended;
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(0);
    close();
  });

  it('gives what a socket had read already, after the leftover', async () => {
    const { socket, accepted, close } = await rawPair();
    socket.write('two ');
    await once(accepted, 'readable');
    const transport = createNodeTransport({ pool: new Pool() });
    const endpoint = transport.adopt(accepted, Buffer.from('one '));
    let text = '';
    endpoint.attach({ ...quiet, onBytes: (bytes, start, end) => (text += String(Buffer.from(bytes.slice(start, end)))) });
    socket.write('three');
    endpoint.setReading(true);
    expect(await until(() => text.length >= 13)).toBe(true);
    expect(text).toBe('one two three');
    endpoint.abort();
    close();
  });
});
