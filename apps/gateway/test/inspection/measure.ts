// What looking at many connections takes, in CPU time: `node --conditions=@sluice/source apps/gateway/test/inspection/measure.ts`. The connections
// are as far made as lists and samples look at them.

import { initialStep, stepFrom, type Connection } from '@sluice/connection';
import { ConnectionRegistry } from '@sluice/supervision';
import { ByteRates } from '../../src/inspection/byte-rates.ts';
import { connectionPage } from '../../src/inspection/connection-table.ts';
import { Totals } from '../../src/inspection/totals.ts';

const state = stepFrom(initialStep().target, 'HANDSHAKE.DONE').target;

function registryOf(count: number): ConnectionRegistry {
  const registry = new ConnectionRegistry({ onClosed: () => {}, onCrash: () => {} });
  for (let id = 1; id <= count; id++) {
    const endpoint = { peer: { host: `10.0.${id >> 8}.${id & 255}`, port: id & 65_535 }, bytesIn: id * 7, bytesOut: (id * 7919) % 100_003 };
    registry.add({ id, sessionId: `connection:${id}`, state, session: { protocol: 'websocket' }, endpoint, openedAtMs: -id, queuedBytes: id % 977 } as unknown as Connection);
  }
  return registry;
}

function cpuMs(work: () => void): string {
  for (let i = 0; i < 5; i++) work();
  const rounds = 20;
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) work();
  const { user, system } = process.cpuUsage(before);
  return `${((user + system) / 1000 / rounds).toFixed(2)} ms`;
}

for (const count of [12_000, 100_000]) {
  const registry = registryOf(count);
  const rates = new ByteRates(registry);
  const totals = new Totals({ registry, traffic: { messagesIn: 0, messagesOut: 0 }, wallClock: () => 0 });
  let nowMs = 1;
  const page = (query: string) => () => void connectionPage(new URLSearchParams(query), { registry, rates, nowMs: (nowMs += 2000), wallMs: 0 });
  console.log(`${count} connections`);
  console.log(`  a sample of the totals            ${cpuMs(() => void totals.sample())}`);
  for (const query of ['limit=100', 'sort=queued&order=desc&limit=100', 'sort=rateOut&order=desc&limit=100', 'sort=peer&offset=5000&limit=100', 'q=10.0.3&limit=100']) {
    console.log(`  ?${query.padEnd(34)}${cpuMs(page(query))}`);
  }
  totals.close();
}
