// RFC 7692, section 7.2: what is sent to a socket that echoes comes back, byte for byte, whoever compressed it and however. Clients that are not of this
// workspace talk to each socket of the gateway that sends messages back, and to the echo loop of the WebSocket engine's README.
//
// The four parameters of permessage-deflate have 16 combinations here. Each client is given the default settings and one combination more, another one in each
// run, as `SLUICE_SEED` says (0 to 15; it is printed). `SLUICE_EVERY_WAY=1` has all of them, each size in all ways.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { deflatingClient } from '../support/deflating-peer.ts';
import { chromiumClient, fayeClient, hasPerlClient, hasPythonClient, nodeClient, perlClient, pythonClient, undiciClient, wsClient, type EchoClient } from '../support/echo-clients.ts';
import { echoMessages } from '../support/echo-messages.ts';
import { startEchoServers, type Compression } from '../support/echo-servers.ts';

const seed = Number(process.env['SLUICE_SEED'] ?? Math.floor(Math.random() * 16));
const every = process.env['SLUICE_EVERY_WAY'] === '1';

const asShipped: Compression = { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 15, clientMaxWindowBits: 15, memoryLevel: 8, minBytes: 1024 };

/** The least memory and no threshold go with every second combination. */
const combinations: readonly Compression[] = Array.from({ length: 16 }, (_, bits) => ({
  serverNoContextTakeover: (bits & 1) !== 0,
  clientNoContextTakeover: (bits & 2) !== 0,
  serverMaxWindowBits: bits & 4 ? 9 : 15,
  clientMaxWindowBits: bits & 8 ? 9 : 15,
  memoryLevel: [0, 3, 5, 6, 9, 10, 12, 15].includes(bits) ? 1 : 8,
  minBytes: [0, 3, 5, 6, 9, 10, 12, 15].includes(bits) ? 0 : 1024,
}));

let browser: Browser;
const clients: readonly EchoClient[] = [
  wsClient(3, 1),
  wsClient(1, 10),
  undiciClient,
  nodeClient,
  fayeClient,
  deflatingClient(seed),
  deflatingClient(seed + 1),
  ...(hasPythonClient ? [pythonClient] : []),
  ...(hasPerlClient ? [perlClient] : []),
  ...(hasChromium ? [chromiumClient(() => browser)] : []),
];

beforeAll(async () => {
  if (hasChromium) browser = await launchChromium();
});
afterAll(async () => {
  if (hasChromium) await browser.close();
});

function compressionsFor({ suits = () => true }: EchoClient, index: number): Compression[] {
  const all = [asShipped, ...combinations].filter(suits);
  if (every) return all;
  const [first, ...others] = all;
  return [...(first === asShipped ? [asShipped] : []), others[(seed + index * 3) % others.length] ?? all[0]!];
}

const cases = clients.flatMap((client, index) => compressionsFor(client, index).map((compression, which) => ({ client, compression, which, name: client.name, settings: JSON.stringify(compression) })));

describe(`SLUICE_SEED=${seed}`, () => {
  it.each(cases)('$name gets back what it sent: $settings', { timeout: 300_000 }, async ({ client, compression, which }) => {
    const servers = await startEchoServers(compression);
    try {
      const small = echoMessages({ seed: seed + which, large: every, every });
      const problems = await client.check(servers, small, compression);
      // The long messages take most of the time: one kind of socket in a run, unless all are asked for.
      if (!every) {
        const { urls } = servers;
        const one = { ...servers, urls: [urls[(seed + which) % urls.length]!] };
        const large = echoMessages({ seed: seed + which, large: true, every }).filter(({ bytes }) => bytes.length > 4096);
        problems.push(...(await client.check(one, large, compression)));
      }
      expect(problems).toEqual([]);
    } finally {
      await servers.stop();
    }
  });
});
