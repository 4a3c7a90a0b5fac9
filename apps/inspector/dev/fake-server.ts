// A made-up gateway with the built page, under the policy that the real one sends: what the page's tests and screenshots look at.
//
//     node --conditions=@sluice/source dev/fake-server.ts [connections] [port]

import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { FakeGateway, type FakeGatewayOptions } from './fake-gateway.ts';

const dist = join(import.meta.dirname, '../dist');
const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const policy = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

export interface FakeServer {
  readonly url: string;
  readonly gateway: FakeGateway;
  close(): Promise<void>;
}

/** Port 0 is a free one. */
export async function startFakeServer(options: FakeGatewayOptions, port = 0): Promise<FakeServer> {
  const gateway = new FakeGateway(options);
  const server: Server = createServer((request, response) => {
    if (!gateway.answer(request, response)) void serveFile(request.url ?? '/', response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/inspector/`;
  return {
    url,
    gateway,
    close() {
      gateway.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function serveFile(target: string, response: ServerResponse): Promise<void> {
  const path = normalize(decodeURIComponent(new URL(target, 'http://made.up').pathname)).replace(/^\/inspector\/?/, '');
  const name = path === '' ? 'index.html' : path;
  try {
    const bytes = await readFile(join(dist, name));
    response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': policy }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

if (import.meta.main) {
  const [connections = '2000', port = '9191'] = process.argv.slice(2);
  const { url } = await startFakeServer({ connections: Number(connections) }, Number(port));
  process.stdout.write(`${url}\n`);
}
