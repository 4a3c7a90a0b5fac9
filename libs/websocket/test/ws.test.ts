// The engine against another implementation, the `ws` package, over an in-process byte stream: both roles, with and without compression.

import { createHash, randomBytes, randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Pool } from '@sluice/brigade';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientHandshake } from '../src/clientHandshake.ts';
import { WebSocketEngine } from '../src/engine.ts';
import { serverHandshake } from '../src/handshake.ts';
import type { DeflatePolicy } from '../src/negotiation.ts';
import { Opcode, WebSocketEvent } from '../src/opcodes.ts';
import { toBytes } from './support/frames.ts';
import { describeEvent } from './support/run.ts';
import { ZlibDeflate } from '../zlib/zlib-deflate.ts';

/** What these tests use of `ws`, which brings no types along. */
interface Ws extends EventEmitter {
  readonly extensions: string;
  readonly protocol: string;
  send(data: string | Uint8Array, options?: { fin?: boolean; binary?: boolean; compress?: boolean }): void;
  ping(data?: string): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}
interface WsServer extends EventEmitter {
  address(): AddressInfo;
  close(): void;
}
interface WsPackage {
  readonly WebSocket: new (url: string, protocols?: string[], options?: object) => Ws;
  readonly WebSocketServer: new (options: object) => WsServer;
}

const { WebSocket: Ws, WebSocketServer: WsServer } = createRequire(import.meta.url)('ws') as WsPackage;
const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();
const factory = new ZlibDeflate();

/** Long texts as a digest, so that a failure can be read. */
const short = (text: string): string => (text.length < 200 ? text : `${text.slice(0, 20)}… ${createHash('sha1').update(text).digest('hex')}`);

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** The smallest driver there is: bytes from a socket into the engine, brigades back to it. */
function drive(engine: WebSocketEngine, socket: Duplex, onEvent: (event: number) => void): () => void {
  const flush = (): void => {
    for (const brigade of [engine.controlOutput, engine.output]) {
      const bytes = brigade.flatten();
      brigade.consume(bytes.length);
      if (bytes.length > 0) socket.write(bytes);
    }
  };
  let over = false;
  const read = (): void => {
    while (!over) {
      const event = engine.next();
      if (event === WebSocketEvent.NeedData) break;
      onEvent(event);
      if (event === WebSocketEvent.Closed || event === WebSocketEvent.Failed) {
        over = true;
        flush();
        socket.end();
      }
    }
    if (!over) flush();
  };
  socket.on('data', (chunk: Uint8Array) => {
    engine.receive(chunk, 0, chunk.length);
    read();
  });
  socket.on('end', () => {
    engine.receiveEnd();
    read();
  });
  socket.on('error', () => socket.destroy());
  return flush;
}

/** An HTTP server whose upgrades are our engine's: it echoes, and writes down what it saw. */
async function echoServer(policy: DeflatePolicy | null, events: string[] = []): Promise<{ url: string; server: Server }> {
  const server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Uint8Array) => {
    const answer = serverHandshake(
      {
        method: request.method ?? '',
        httpVersion: request.httpVersion,
        header: (name) => {
          const value = request.headers[name];
          return Array.isArray(value) ? value.join(', ') : value;
        },
      },
      { sha1, protocols: ['echo'], deflate: policy },
    );
    const fields = answer.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`HTTP/1.1 ${answer.status} x\r\n${fields}\r\n`);
    if (!answer.accepted) return socket.end();
    const deflate = answer.deflate === null ? null : { factory, parameters: answer.deflate, thresholdBytes: 32 };
    const engine = new WebSocketEngine({ role: 'server', pool: new Pool('peer'), deflate });
    const flush = drive(engine, socket, (event) => {
      events.push(describeEvent(engine, event));
      if (event === WebSocketEvent.Message) engine.sendMessage(engine.opcode, engine.data, engine.dataStart, engine.dataEnd);
    });
    if (head.length > 0) socket.unshift(head);
    flush();
    return socket;
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

const texts = ['', 'a', 'κόσμε €😀', 'x'.repeat(125), 'y'.repeat(126), 'again '.repeat(500), 'again '.repeat(500), 'z'.repeat(70_000)];

async function open(socket: Ws): Promise<void> {
  cleanups.push(() => socket.terminate());
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
}

async function nextMessages(socket: Ws, count: number): Promise<[Buffer, boolean][]> {
  const got: [Buffer, boolean][] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      got.push([data, isBinary]);
      if (got.length === count) resolve();
    });
    socket.once('close', (code: number) => reject(new Error(`closed ${code} after ${got.length} messages`)));
  });
  return got;
}

const policies: [string, DeflatePolicy | null, object | false][] = [
  ['no compression', null, false],
  ['compression', {}, {}],
  ['no context takeover', { serverNoContextTakeover: true, clientNoContextTakeover: true }, {}],
  ['no context takeover asked for by the client', {}, { serverNoContextTakeover: true, clientNoContextTakeover: true }],
  ['small windows', { serverMaxWindowBits: 9, clientMaxWindowBits: 10 }, { clientMaxWindowBits: true }],
  ['a small window asked for by the client', {}, { serverMaxWindowBits: 10 }],
];

describe('As a server of a ws client', () => {
  it.each(policies)('echoes messages whole and in fragments, answers pings, closes: %s', async (_, policy, perMessageDeflate) => {
    const events: string[] = [];
    const { url } = await echoServer(policy, events);
    const options = perMessageDeflate === false ? { perMessageDeflate } : { perMessageDeflate: { threshold: 10, ...perMessageDeflate } };
    const socket = new Ws(url, ['other', 'echo'], options);
    await open(socket);
    expect(socket.protocol).toBe('echo');
    expect(socket.extensions.startsWith('permessage-deflate')).toBe(policy !== null);
    const got = nextMessages(socket, 2 * texts.length + 1);
    for (const text of texts) {
      socket.send(text);
      socket.send(toBytes(text), { binary: true });
    }
    socket.send('frag', { fin: false });
    socket.ping('between');
    socket.send('ments', { fin: true });
    const pong = new Promise<string>((resolve) => void socket.once('pong', (data: Buffer) => resolve(data.toString())));
    expect((await got).map(([data, isBinary]) => `${isBinary} ${short(data.toString())}`)).toEqual([
      ...texts.flatMap((text) => [`false ${short(text)}`, `true ${short(text)}`]),
      'false fragments',
    ]);
    expect(await pong).toBe('between');
    socket.close(4001, 'bye');
    const [code, reason] = await new Promise<[number, Buffer]>((resolve) => void socket.once('close', (...args: [number, Buffer]) => resolve(args)));
    expect([code, reason.toString()]).toEqual([4001, '']);
    expect(events.slice(-2)).toEqual(['Close 4001 bye', 'Closed 4001']);
  });

  it('sees a client go without a close frame', async () => {
    const events: string[] = [];
    const { url } = await echoServer(null, events);
    const socket = new Ws(url, [], { perMessageDeflate: false });
    await open(socket);
    const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    socket.terminate();
    await closed;
    await expect.poll(() => events).toEqual(['Closed 1006']);
  });

  it('tells a client what it did wrong', async () => {
    const { url } = await echoServer(null);
    const socket = new Ws(url, [], { perMessageDeflate: false });
    await open(socket);
    const closed = new Promise<[number, string]>((resolve) => void socket.once('close', (code: number, reason: Buffer) => resolve([code, reason.toString()])));
    socket.send(new Uint8Array([0xff, 0xfe]), { binary: false });
    expect(await closed).toEqual([1007, 'text not UTF-8']);
  });
});

describe('As a client of a ws server', () => {
  it.each(policies)('sends and receives messages whole and in fragments, closes: %s', async (_, policy, perMessageDeflate) => {
    const wsServer = new WsServer({
      port: 0,
      host: '127.0.0.1',
      perMessageDeflate: perMessageDeflate === false ? false : { threshold: 10 },
    });
    cleanups.push(() => wsServer.close());
    const serverClosed = new Promise<[number, string]>((resolve) => {
      wsServer.on('connection', (peer: Ws) => {
        peer.on('message', (data: Buffer, isBinary: boolean) => peer.send(data, { binary: isBinary }));
        peer.on('close', (code: number, reason: Buffer) => resolve([code, reason.toString()]));
        peer.ping('are you there');
      });
    });
    await new Promise<void>((resolve) => void wsServer.once('listening', () => resolve()));

    const handshake = new ClientHandshake({ sha1, nonce: randomBytes(16), deflate: policy });
    const socket = connect(wsServer.address().port, '127.0.0.1');
    cleanups.push(() => socket.destroy());
    const fields = handshake.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n`);
    let head = Buffer.alloc(0);
    while (!head.includes('\r\n\r\n')) head = Buffer.concat([head, await new Promise<Buffer>((resolve) => void socket.once('data', resolve))]);
    socket.pause();
    const end = head.indexOf('\r\n\r\n');
    const [status, ...lines] = head.subarray(0, end).toString().split('\r\n');
    const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
    const opened = handshake.check({ status: Number(status.split(' ')[1]), header: (name) => headers.get(name) });
    if (!opened.accepted) throw new Error(opened.reason);
    expect(opened.deflate !== null).toBe(policy !== null);

    const deflate = opened.deflate === null ? null : { factory, parameters: opened.deflate, thresholdBytes: 32 };
    const engine = new WebSocketEngine({ role: 'client', pool: new Pool('us'), deflate, maskKey: () => randomInt(2 ** 32) | 0 });
    const events: string[] = [];
    const done = new Promise<void>((resolve) => {
      const flush = drive(engine, socket, (event) => {
        events.push(describeEvent(engine, event));
        if (events.filter((text) => text.startsWith('Message')).length === 2 * texts.length + 1) engine.close(3001, 'enough');
        if (event === WebSocketEvent.Closed || event === WebSocketEvent.Failed) resolve();
      });
      for (const text of texts) {
        const bytes = toBytes(text);
        engine.sendText(bytes, 0, bytes.length);
        engine.sendBinary(bytes, 0, bytes.length);
      }
      const bytes = toBytes('fragments');
      engine.sendFrame(Opcode.Text, bytes, 0, 4, false);
      engine.sendFrame(Opcode.Continuation, bytes, 4, 9, true);
      flush();
      socket.unshift(head.subarray(end + 4));
      socket.resume();
    });
    await done;
    expect(events.filter((text) => !text.startsWith('Ping')).map(short)).toEqual([
      ...texts.flatMap((text) => [`Message 1 ${text}`, `Message 2 ${text}`]).map(short),
      'Message 1 fragments',
      'Close 3001 enough',
      'Closed 3001',
    ]);
    expect(events).toContain('Ping are you there');
    expect(await serverClosed).toEqual([3001, 'enough']);
  });
});
