// Peers that mean ill, against the native form: what they can make it keep, how they can be got rid of, and whom else they harm.

import { MemoryNetwork } from '@sluice/transport-memory';
import type { Endpoint } from '@sluice/transport';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secureEndpoint, TlsContexts, type TlsVersion } from '../src/index.ts';
import { liveChannels } from '../src/native/channel.ts';
import { nativeTls } from '../src/native/form.ts';
import { Certificates } from './certificates.ts';
import { RawClient } from './native/raw-client.ts';
import { connected, Owner } from './secure-pair.ts';
import { Stalling } from './stalling.ts';
import { untilNetwork } from './set-up.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.make({ subject: '/CN=memory', names: 'DNS:memory' });
/** What may wait below for a peer that does not read, besides a piece of the owner's. */
const mostUnasked = 256 * 1024;

interface Stage {
  readonly network: MemoryNetwork;
  readonly inner: Stalling;
  readonly server: Owner;
  readonly client: RawClient;
  readonly raw: Endpoint;
}

describe.runIf(nativeTls().openssl !== null)('NativeEndpoint and a peer that means ill', () => {
  const contexts = new TlsContexts({ certificates: [identity] });
  let before = 0;
  beforeEach(() => void (before = liveChannels()));
  afterEach(() => expect(liveChannels()).toBe(before));

  async function stage(version?: TlsVersion): Promise<Stage> {
    const network = new MemoryNetwork({ seed: 1 });
    const [below, raw] = connected(network);
    const inner = new Stalling(below, network.pool);
    const server = new Owner(secureEndpoint(inner, { role: 'server', contexts, pool: network.pool }));
    const client = new RawClient(raw, network.pool, version, () => network.run(() => false));
    expect(await untilNetwork(network, () => client.agreed && server.endpoint.state === 'secure')).toBe(true);
    return { network, inner, server, client, raw };
  }

  async function strike({ network, server, client, raw }: Stage): Promise<void> {
    server.endpoint.abort();
    raw.abort();
    expect(await untilNetwork(network, () => server.closed !== undefined && client.closed)).toBe(true);
    expect(network.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  }

  it('ends who sends KeyUpdates by the thousand, and costs much by it', async () => {
    const stand = await stage();
    stand.client.updateKeys(2000);
    expect(await untilNetwork(stand.network, () => stand.server.closed !== undefined)).toBe(true);
    expect(stand.server.closed).toMatchObject({ operation: 'read', kind: 'protocolError', code: 'ERR_SSL_TOO_MANY_KEY_UPDATES' });
    await strike(stand);
  });

  it.each(['one by one', 'together'])('lets as many KeyUpdates pass as it gets data for, %s', async (how) => {
    const stand = await stage();
    for (let round = 0; round < 200; round++) {
      stand.client.updateKeys(1);
      stand.client.say('x'.repeat(1024));
      if (how === 'one by one') await untilNetwork(stand.network, () => stand.server.bytes === 1024 * (round + 1));
    }
    expect(await untilNetwork(stand.network, () => stand.server.bytes === 200 * 1024)).toBe(true);
    await strike(stand);
  });

  it('takes no offence at records cut off anywhere, however many and small', async () => {
    const stand = await stage();
    for (let round = 0; round < 100; round++) {
      stand.client.say('y', 5);
      await untilNetwork(stand.network, () => stand.server.bytes === round + 1);
    }
    expect(stand.server.bytes).toBe(100);
    await strike(stand);
  });

  it('keeps no more than so many answers to KeyUpdates for a peer that does not read', async () => {
    const stand = await stage();
    stand.raw.setReading(false);
    let most = 0;
    for (let round = 0; round < 60 && stand.server.closed === undefined; round++) {
      for (let paid = 0; paid < 500; paid++) {
        stand.client.updateKeys(1);
        stand.client.say('x'.repeat(1024));
      }
      await untilNetwork(stand.network, () => false);
      most = Math.max(most, stand.inner.queuedBytes);
    }
    expect(most).toBeLessThan(mostUnasked);
    stand.raw.setReading(true);
    stand.client.say('still here');
    const sent = 60 * 500 * 1024 + 10;
    expect(await untilNetwork(stand.network, () => stand.server.bytes === sent)).toBe(true);
    await strike(stand);
  });

  it('ends when both have said goodbye, though the peer had a KeyUpdate in between, and keeps its side open', async () => {
    const stand = await stage();
    stand.raw.setReading(false);
    stand.server.endpoint.shutdown();
    await untilNetwork(stand.network, () => false);
    stand.client.updateKeys(1);
    stand.client.sayGoodbye();
    expect(await untilNetwork(stand.network, () => stand.server.closed !== undefined)).toBe(true);
    expect(stand.server.closed).toBe(null);
    await strike(stand);
  });

  it('can be closed when both have said goodbye, and ours cannot leave', async () => {
    const stand = await stage();
    stand.inner.stalled = true;
    stand.server.endpoint.shutdown();
    stand.client.sayGoodbye();
    expect(await untilNetwork(stand.network, () => stand.server.events.includes('end'))).toBe(true);
    await untilNetwork(stand.network, () => false);
    stand.server.endpoint.close();
    expect(await untilNetwork(stand.network, () => stand.server.closed !== undefined)).toBe(true);
    await strike(stand);
  });

  it('declines a new handshake, and leaves the rest to the peer', async () => {
    const stand = await stage('TLSv1.2');
    stand.client.say('before; ');
    stand.client.renegotiate();
    expect(await untilNetwork(stand.network, () => stand.client.failure !== null)).toBe(true);
    expect(stand.client.failure?.code).toBe('ERR_SSL_NO_RENEGOTIATION');
    expect([stand.server.events, stand.server.text]).toEqual([['secure', 'bytes'], 'before; ']);
    await strike(stand);
  });
});
