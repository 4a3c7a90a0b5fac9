// The peer `node:http`: files by fs.createReadStream, POST publishes to the event streams of the same path, GET with
// Accept: text/event-stream is one. The directory is its argument. Ends when its stdin does.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';

const root = process.argv[2] ?? '.';
const streams = new Map<string, Set<ServerResponse>>();
let offset = 0;

function publish(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const event = `id: ${++offset}\ndata: ${Buffer.concat(parts).toString()}\n\n`;
    for (const subscriber of streams.get(request.url ?? '') ?? []) subscriber.write(event);
    const body = JSON.stringify({ offset });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}

function subscribe(path: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const subscribers = streams.get(path) ?? new Set();
  streams.set(path, subscribers.add(response));
  response.on('close', () => subscribers.delete(response));
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = join(root, normalize(path));
  const { size } = await stat(file);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  await pipeline(createReadStream(file), response);
}

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  if (request.method === 'POST') publish(request, response);
  else if (request.headers.accept === 'text/event-stream') subscribe(path, response);
  else sendFile(path, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 600_000;
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  console.log(`listening http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.stdin.on('close', () => process.exit(0)).resume();
