// CPU of the server per 64-byte echo: this layer in both forms, a bare TLSSocket, and `ws` on node:https, which frames its messages.
//
//     node --conditions=@sluice/source bench/echo.ts [connections] [messages] [kind…]

import { type Kind, kinds, Peer } from './clients.ts';

const connections = Number(process.argv[2] ?? 20);
const messages = Number(process.argv[3] ?? 60_000);
const asked = process.argv.slice(4) as Kind[];
const rounds = 2;

for (let round = 0; round < rounds; round++) {
  for (const kind of asked.length > 0 ? asked : kinds) {
    const peer = await Peer.start(kind);
    const clients = await peer.open(connections);
    await peer.exchange(clients, messages / 4);
    const before = await peer.report();
    const started = performance.now();
    await peer.exchange(clients, messages);
    const seconds = (performance.now() - started) / 1000;
    const after = await peer.report();
    const cpuUs = ((after.cpuUs - before.cpuUs) / messages).toFixed(2);
    console.log(`${kind.padEnd(8)} ${cpuUs} µs CPU a message, ${Math.round(messages / seconds)} messages/s`);
    await peer.stop();
  }
}
