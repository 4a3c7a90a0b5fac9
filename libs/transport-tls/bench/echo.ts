// CPU of the server per 64-byte echo, and memory per idle connection: this layer over sockets, and a bare TLSSocket.
//
//     node --conditions=@sluice/source bench/echo.ts [connections] [messages]

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Certificates } from '../test/certificates.ts';

interface Report {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

const connections = Number(process.argv[2] ?? 20);
const messages = Number(process.argv[3] ?? 60_000);
const idleConnections = 500;
const message = Buffer.alloc(64, 'x');

async function report(server: ChildProcess): Promise<Report> {
  server.send('report');
  const [answer] = (await once(server, 'message')) as [Report];
  return answer;
}

function open(port: number, count: number): Promise<TLSSocket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.setNoDelay(true);
      await once(socket, 'secureConnect');
      return socket;
    }),
  );
}

/** Each client has one message under way, until all together have had so many answers. */
function exchange(clients: readonly TLSSocket[], count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    for (const client of clients) {
      let missing = message.length;
      client.removeAllListeners('data');
      client.on('data', (bytes: Buffer) => {
        missing -= bytes.length;
        if (missing > 0) return;
        missing = message.length;
        if (--left === 0) resolve();
        if (left > 0) client.write(message);
      });
      client.write(message);
    }
  });
}

const certificates = new Certificates();
const { certificate, key } = certificates.make({ subject: '/CN=localhost', names: 'DNS:localhost' });
certificates.remove();
for (const kind of ['node', 'sluice', 'node', 'sluice']) {
  const server = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [kind, certificate, key], {
    execArgv: ['--conditions=@sluice/source', '--expose-gc'],
  });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const clients = await open(port, connections);
  await exchange(clients, messages / 4);
  const before = await report(server);
  const started = performance.now();
  await exchange(clients, messages);
  const seconds = (performance.now() - started) / 1000;
  const after = await report(server);
  const idle = await open(port, idleConnections);
  const withIdle = await report(server);
  const cpu = ((after.cpuUs - before.cpuUs) / messages).toFixed(2);
  const memory = ((withIdle.rssBytes - after.rssBytes) / idleConnections / 1024).toFixed(1);
  console.log(`${kind.padEnd(7)} ${cpu} µs CPU a message, ${Math.round(messages / seconds)} messages/s, ${memory} KiB an idle connection`);
  for (const socket of [...clients, ...idle]) socket.destroy();
  server.disconnect();
  await once(server, 'exit');
}
