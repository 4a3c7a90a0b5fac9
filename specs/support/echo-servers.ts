// Everything that sends a WebSocket message back: the gateway's sockets, and the echo loop of libs/websocket/README.md on a socket of node's.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Pool } from '@sluice/brigade';
import { serverHandshake, WebSocketEngine, WebSocketEvent, type DeflateParameters } from '@sluice/websocket';
import { ZlibDeflate } from '@sluice/websocket/zlib';
import { runGateway } from './running-gateway.ts';

/** The settings of the group `compression` that the spec varies. */
export interface Compression {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
  readonly memoryLevel: number;
  readonly minBytes: number;
}

export interface EchoServers {
  /** The origin of pages that may open these sockets. */
  readonly pageUrl: string;
  /** A URL for each kind of socket. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

export async function startEchoServers(compression: Compression): Promise<EchoServers> {
  const gateway = await runGateway({ config: { compression }, tls: false });
  const loop = await startReadmeLoop(compression);
  const paths = ['/topics/echo', '/echo', '/ping', '/mirror'];
  return {
    pageUrl: gateway.url,
    urls: [...paths.map((path) => gateway.wsUrl + path), loop.url],
    async stop() {
      loop.stop();
      await gateway.stop();
    },
  };
}

async function startReadmeLoop(compression: Compression): Promise<{ url: string; stop(): void }> {
  const factory = new ZlibDeflate(compression.memoryLevel);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let head = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', function greet(chunk: Buffer): void {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', greet);
      const fields = new Map(head.slice(0, end).split('\r\n').slice(1).map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
      const answer = serverHandshake(
        { method: 'GET', httpVersion: '1.1', header: (name) => fields.get(name) },
        { sha1: (bytes) => createHash('sha1').update(bytes).digest(), deflate: { ...compression, minWindowBits: factory.minWindowBits } },
      );
      if (!answer.accepted) return void socket.destroy();
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${answer.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
      echoOver(socket, factory, answer.deflate, compression.minBytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

function echoOver(socket: Socket, factory: ZlibDeflate, parameters: DeflateParameters | null, thresholdBytes: number): void {
  const pool = new Pool('readme');
  const server = new WebSocketEngine({ role: 'server', pool, deflate: parameters === null ? null : { factory, parameters, thresholdBytes } });
  socket.on('data', (chunk: Buffer) => {
    server.receive(chunk, 0, chunk.length);
    let event = server.next();
    for (; event === WebSocketEvent.Message || event === WebSocketEvent.Ping || event === WebSocketEvent.Pong; event = server.next()) {
      if (event === WebSocketEvent.Message) server.sendMessage(server.opcode, server.data, server.dataStart, server.dataEnd);
    }
    chunk.fill(0xe5);
    for (const output of [server.controlOutput, server.output]) {
      const bytes = output.flatten();
      output.consume(bytes.length);
      if (bytes.length > 0) socket.write(bytes);
    }
    if (event !== WebSocketEvent.NeedData) socket.end();
  });
  socket.on('close', () => pool.destroy());
}
