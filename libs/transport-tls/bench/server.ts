// The server side of the measurements, in a process of its own: an echo by this layer over sockets in either form (`native`, `sockets`), by
// a bare TLSSocket (`node`), or by `ws` on node:https (`ws`). Answers 'report' with the CPU time it has used and its resident memory.

import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { Brigade, Pool } from '@sluice/brigade';
import { createNodeTransport } from '@sluice/transport-node';
import { WebSocketServer } from 'ws';
import { secureTransport, TlsContexts, type TlsForm } from '../src/index.ts';

const [kind, certificate, key] = process.argv.slice(2);

process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  return (server.address() as AddressInfo).port;
}

function listenNode(): Promise<number> {
  return portOf(
    createServer({ cert: certificate, key, noDelay: true }, (socket) => {
      socket.on('data', (bytes) => socket.write(bytes));
      socket.on('error', () => {});
    }),
  );
}

function listenWs(): Promise<number> {
  const server = createHttpsServer({ cert: certificate, key, noDelay: true });
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
    socket.on('message', (message) => socket.send(message));
    socket.on('error', () => {});
  });
  return portOf(server);
}

async function listenSluice(form: TlsForm): Promise<number> {
  const pool = new Pool('bench');
  const contexts = new TlsContexts({ certificates: [{ certificate, key }], form });
  const transport = secureTransport(createNodeTransport({ pool }), { server: contexts, pool });
  const output = new Brigade(pool);
  const listener = await transport.listen(
    { host: '127.0.0.1', port: 0 },
    {
      onAccept(endpoint) {
        endpoint.attach({
          onBytes(bytes, start, end) {
            output.write(bytes, start, end);
            endpoint.write(output);
          },
          onEnd: () => endpoint.close(),
          onProgress() {},
          onClose() {},
        });
        endpoint.setReading(true);
      },
      onError: (error) => console.error(error.message),
      onClose() {},
    },
  );
  return listener.address.port;
}

async function listen(): Promise<number> {
  if (kind === 'node') return listenNode();
  if (kind === 'ws') return listenWs();
  return listenSluice(kind as TlsForm);
}

process.send?.({ port: await listen() });
