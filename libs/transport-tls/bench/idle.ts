// Memory of the server per idle TLS connection: this layer in both forms, a bare TLSSocket, and `ws` on node:https in the same run.
//
//     node --conditions=@sluice/source bench/idle.ts [connections] [kind…]
//
// Every connection has said something once, so that nobody has the advantage of never having read. A process may have 20,000 descriptors:
// up to some 12,000 connections this one has both enough and to spare.

import { setTimeout as pause } from 'node:timers/promises';
import { type Kind, kinds, Peer } from './clients.ts';

const connections = Number(process.argv[2] ?? 2000);
const asked = process.argv.slice(3) as Kind[];
/** What a process allocates once does not count. */
const warmUp = 200;
/** For what frees memory a little later. */
const restMs = 500;
const kibibytes = new Map<Kind, number>();

for (const kind of asked.length > 0 ? asked : kinds) {
  const peer = await Peer.start(kind);
  await peer.exchange(await peer.open(warmUp), warmUp);
  const before = await peer.report();
  await peer.exchange(await peer.open(connections), connections);
  await peer.report();
  await pause(restMs);
  const after = await peer.report();
  const each = (after.rssBytes - before.rssBytes) / connections / 1024;
  kibibytes.set(kind, each);
  console.log(`${kind.padEnd(8)} ${each.toFixed(1)} KiB an idle connection, of ${connections}`);
  await peer.stop();
}
const reference = kibibytes.get('ws');
if (reference !== undefined) for (const [kind, each] of kibibytes) console.log(`${kind.padEnd(8)} ${(each / reference).toFixed(2)} of ws on node:https`);
