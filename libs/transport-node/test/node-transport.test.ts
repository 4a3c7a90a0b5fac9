// What is picked and how, and what is refused; that it works is the compliance suite's.

import { fstatSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { Pool } from '@sluice/brigade';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNodeTransport } from '../src/index.ts';
import { nativeIo } from '../src/native-io.ts';
import { tcpInternals } from '../src/tcp-handle.ts';
import { connectSocket, settle, until } from './set-up.ts';

describe('createNodeTransport', () => {
  it('picks the best way there is', () => {
    const best = nativeIo() !== null ? 'native' : tcpInternals() !== null ? 'handles' : 'sockets';
    expect(createNodeTransport().path).toBe(best);
  });

  it('does without what is turned off', () => {
    expect(createNodeTransport({ nativeIo: 'off' }).path).not.toBe('native');
    expect(createNodeTransport({ bareHandles: 'off' }).path).toBe('sockets');
    expect(createNodeTransport({ bareHandles: 'off', nativeIo: 'off' }).path).toBe('sockets');
  });

  it('listens again on a port that was given up, at once', async () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const sink = { onAccept() {}, onError() {}, onClose() {} };
    const first = await transport.listen({ host: '127.0.0.1', port: 0 }, sink);
    first.close();
    const second = await transport.listen({ host: '127.0.0.1', port: first.address.port }, sink);
    expect(second.address).toEqual(first.address);
    second.close();
  });
});

describe('adopt, where it fails', () => {
  let server: Server;
  const accepted: Socket[] = [];
  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of accepted.splice(0)) socket.destroy();
    server.close();
  });

  const foreign = (): Promise<Socket> => connectSocket({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const paths = [{}, { nativeIo: 'off' }, { bareHandles: 'off' }] as const;

  it('closes a descriptor of something else', () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const fd = openSync('/dev/null', 'r');
    expect(() => transport.adopt(fd)).toThrow(expect.objectContaining({ operation: 'adopt' }));
    expect(() => fstatSync(fd)).toThrow('EBADF');
  });

  it('says so of a descriptor that is not open', () => {
    const transport = createNodeTransport({ pool: new Pool() });
    for (const fd of [9999, -1, 1.5]) expect(() => transport.adopt(fd), String(fd)).toThrow(expect.objectContaining({ operation: 'adopt' }));
  });

  it('closes a stream that does not move bytes', () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const objects = new PassThrough({ objectMode: true });
    const texts = new PassThrough().setEncoding('utf8');
    for (const stream of [objects, texts]) {
      expect(() => transport.adopt(stream)).toThrow('something else than bytes');
      expect(stream.destroyed).toBe(true);
    }
  });

  it('closes a socket that is not connected, or not yet', () => {
    const transport = createNodeTransport({ pool: new Pool() });
    for (const socket of [new Socket(), connect((server.address() as AddressInfo).port), new Socket().destroy()]) {
      expect(() => transport.adopt(socket)).toThrow('not connected');
      expect(socket.destroyed).toBe(true);
    }
  });

  it('closes the socket whatever goes wrong on the way', async () => {
    for (const options of paths) {
      const transport = createNodeTransport({ pool: new Pool(), ...options });
      // One step of taking a socket over after the other fails.
      for (const step of ['leftover', 'pause', 'read', 'setNoDelay'] as const) {
        const socket = await foreign();
        await until(() => accepted.length > 0);
        const peer = accepted.pop()!;
        let peerClosed = false;
        peer.resume().on('end', () => peer.end()).on('close', () => (peerClosed = true));
        const broken = (): never => {
          throw new Error(`${step} broke`);
        };
        let leftover: Uint8Array = new Uint8Array(1);
        if (step === 'leftover') leftover = new Proxy(leftover, { get: broken });
        if (step === 'read') socket.push('buffered');
        if (step !== 'leftover') Object.defineProperty(socket, step, { value: broken, configurable: true });
        let thrown: unknown = null;
        try {
          transport.adopt(socket, leftover).abort();
        } catch (error) {
          thrown = error;
        }
        Reflect.deleteProperty(socket, step);
        // Bare handles need neither of the last two.
        if (thrown !== null) expect(thrown).toMatchObject({ operation: 'adopt', message: expect.stringContaining(`${step} broke`) });
        else expect(step === 'setNoDelay' || (step === 'read' && transport.path === 'sockets')).toBe(true);
        expect(socket.destroyed || transport.path !== 'sockets').toBe(true);
        expect(await until(() => peerClosed), `${transport.path}: ${step}`).toBe(true);
      }
    }
  });

  it('goes on from what a socket had buffered, its end included', async () => {
    for (const options of paths) {
      const transport = createNodeTransport({ pool: new Pool(), ...options });
      const socket = await foreign();
      await until(() => accepted.length > 0);
      accepted.pop()!.end('buffered below');
      socket.once('readable', () => {});
      await until(() => socket.readableLength > 0);
      await settle();
      let text = '';
      let ended = false;
      const endpoint = transport.adopt(socket, Buffer.from('read, '));
      endpoint.attach({
        onBytes: (bytes, start, end) => void (text += Buffer.from(bytes.slice(start, end)).toString('latin1')),
        onEnd: () => void (ended = true),
        onProgress() {},
        onClose() {},
      });
      endpoint.setReading(true);
      expect(await until(() => ended), transport.path).toBe(true);
      expect(text).toBe('read, buffered below');
      endpoint.abort();
    }
  });

  it('tells the end of a stream whose end was read by somebody else', async () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(), allowHalfOpen: true });
    stream.resume().push(null);
    await once(stream, 'end');
    let ended = false;
    const endpoint = transport.adopt(stream);
    endpoint.attach({ onBytes() {}, onEnd: () => void (ended = true), onProgress() {}, onClose() {} });
    await settle();
    expect(ended).toBe(false);
    endpoint.setReading(true);
    expect(await until(() => ended)).toBe(true);
    endpoint.close();
  });
});
