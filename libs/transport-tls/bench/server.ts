// The server side of the measurement, in a process of its own: an echo by this layer over sockets (`sluice`), or by a bare
// TLSSocket (`node`). Answers 'report' with the CPU time it has used and its resident memory. Started by echo.ts.

import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { Brigade, Pool } from '@sluice/brigade';
import { createNodeTransport } from '@sluice/transport-node';
import { secureTransport, TlsContexts } from '../src/index.ts';

const [kind, certificate, key] = process.argv.slice(2);

process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());

async function listen(): Promise<number> {
  if (kind === 'node') {
    const server = createServer({ cert: certificate, key, noDelay: true }, (socket) => {
      socket.on('data', (bytes) => socket.write(bytes));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  const pool = new Pool('bench');
  const contexts = new TlsContexts({ certificates: [{ certificate, key }] });
  const transport = secureTransport(createNodeTransport({ pool }), { server: contexts, pool });
  const listener = await transport.listen(
    { host: '127.0.0.1', port: 0 },
    {
      onAccept(endpoint) {
        const output = new Brigade(pool);
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

process.send?.({ port: await listen() });
