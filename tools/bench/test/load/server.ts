// Servers inside the test process, one for WebSockets and one for HTTP, on a free port, gone when the test ends.

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Target } from '../../src/load/job.ts';

/** `onMessage` is told what arrived where, and sends what it likes. */
export async function serveWebSockets(
  onMessage: (socket: WebSocket, data: Buffer, all: ReadonlySet<WebSocket>) => void,
): Promise<{ target: Target; sockets: ReadonlySet<WebSocket> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data) => onMessage(socket, data as Buffer, server.clients));
    socket.on('error', () => socket.terminate());
  });
  await new Promise((done) => server.once('listening', done));
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { target: targetOf(server.address()), sockets: server.clients };
}

export async function serveHttp(listener: RequestListener): Promise<Target> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return targetOf(server.address());
}

function targetOf(address: AddressInfo | string | null): Target {
  return { port: (address as AddressInfo).port, localAddress: '127.0.0.1' };
}
