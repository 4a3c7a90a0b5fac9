// The peer `ws`: /echo answers each message, every other path sends each message to everyone on any of them.
// No compression, as the load generator offers none. With two arguments, certificate and key, it stands on node:https.
// Ends when its stdin does.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const [certificate, key] = process.argv.slice(2);
const secure = certificate !== undefined && key !== undefined;
const server = secure ? createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) }) : createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket, request) => {
  if (request.url === '/echo') {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  } else {
    socket.on('message', (data, isBinary) => {
      for (const client of sockets.clients) client.send(data, { binary: isBinary });
    });
  }
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  console.log(`listening ${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.stdin.on('close', () => process.exit(0)).resume();
