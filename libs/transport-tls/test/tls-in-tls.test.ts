// TLS on top of TLS: each layer is the owner of the one below, and in the native form they share one arena. More than a piece goes each
// way, so that what one layer lends is still in use when the next one writes.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { afterAll, describe, expect, it } from 'vitest';
import { secureEndpoint, TlsClientContexts, TlsContexts, type TlsEndpoint } from '../src/index.ts';
import { Certificates } from './certificates.ts';
import { forms } from './forms.ts';
import { connected, Owner } from './secure-pair.ts';
import { untilNetwork } from './set-up.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.make({ subject: '/CN=memory', names: 'DNS:memory' });
const client = new TlsClientContexts({ ca: certificates.root.certificate });
const bytes = 1_000_000;

describe.each(forms)('TLS in TLS, %s', (form) => {
  it.each([2, 3])('%d layers carry what goes either way, whole', async (depth) => {
    const server = new TlsContexts({ certificates: [identity], form });
    const pool = new Pool('tls in tls');
    const network = new MemoryNetwork({ seed: 1 });
    const [innerServer, innerClient] = connected(network);
    const layers = (below: Endpoint, layer: (below: Endpoint) => TlsEndpoint): TlsEndpoint => {
      let top = layer(below);
      for (let count = 1; count < depth; count++) top = layer(top);
      return top;
    };
    const owners = {
      server: new Owner(layers(innerServer, (below) => secureEndpoint(below, { role: 'server', contexts: server, pool }))),
      client: new Owner(layers(innerClient, (below) => secureEndpoint(below, { role: 'client', contexts: client, serverName: 'memory', pool }))),
    };
    for (const [from, to] of [[owners.client, owners.server], [owners.server, owners.client]] as const) {
      const brigade = new Brigade(pool);
      brigade.write(new Uint8Array(bytes).fill(120));
      from.endpoint.write(brigade);
      expect(await untilNetwork(network, () => to.bytes === bytes || to.closed !== undefined)).toBe(true);
      expect([to.bytes, to.closed]).toEqual([bytes, undefined]);
    }
    owners.client.endpoint.abort();
    owners.server.endpoint.abort();
    await untilNetwork(network, () => owners.client.closed !== undefined && owners.server.closed !== undefined);
    await nextTurn();
    expect(pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
  });
});
