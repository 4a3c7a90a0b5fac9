// What is peculiar to the native form: one arena and one pair of BIOs for all, which nobody may notice, and memory that is not the
// collector's, of which nothing may stay behind. All the rest stands in endpoint.test.ts, for both forms.

import { execFileSync } from 'node:child_process';
import { Brigade } from '@sluice/brigade';
import { MemoryNetwork } from '@sluice/transport-memory';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { secureEndpoint, TlsClientContexts, TlsContexts } from '../src/index.ts';
import { NativeEndpoint } from '../src/native-endpoint.ts';
import { pieceBytes } from '../src/native/arena.ts';
import { liveChannels } from '../src/native/channel.ts';
import { nativeTls } from '../src/native/form.ts';
import { liveContexts } from '../src/native/server-contexts.ts';
import { Certificates } from './certificates.ts';
import { connected, Owner, SecurePair } from './secure-pair.ts';
import { untilNetwork } from './set-up.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.make({ subject: '/CN=memory', names: 'DNS:memory' });
const ca = certificates.root.certificate;
const client = new TlsClientContexts({ ca });

describe.runIf(nativeTls().openssl !== null)('NativeEndpoint', () => {
  const server = new TlsContexts({ certificates: [identity] });
  afterEach(() => expect(liveChannels()).toBe(0));

  it('is what a server gets where it can be had', async () => {
    expect(server.form).toBe('native');
    const pair = await new SecurePair({ server, client }).secure();
    expect(pair.server.endpoint).toBeInstanceOf(NativeEndpoint);
    expect(liveChannels()).toBe(1);
    expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
  });

  it('keeps what it was lent and has not decrypted, though the lender reuses its Node Buffer', async () => {
    const pair = await new SecurePair({ server, client }).secure();
    const endpoint = pair.server.endpoint as NativeEndpoint;
    const receive = endpoint.onBytes.bind(endpoint);
    const records: Buffer[] = [];
    endpoint.onBytes = (bytes, start, end) => void records.push(Buffer.from(bytes.subarray(start, end)));
    const take = pair.server.onBytes.bind(pair.server);
    pair.server.onBytes = (bytes, start, end) => {
      take(bytes, start, end);
      endpoint.setReading(false);
      setImmediate(() => endpoint.setReading(true));
    };
    pair.client.write('x'.repeat(300_000), pair.pool);
    await pair.until(() => records.reduce((sum, { length }) => sum + length, 0) > 300_000);
    const lent = Buffer.concat(records);
    expect(lent.length).toBeGreaterThan(2 * pieceBytes);
    receive(lent, 0, lent.length);
    lent.fill(0xe5);
    await pair.until(() => pair.server.bytes === 300_000 || pair.server.closed !== undefined);
    expect([pair.server.closed, pair.server.bytes]).toEqual([undefined, 300_000]);
    await pair.strike();
  });

  it('leaves nothing of a generation behind when it was replaced and its last connection is gone', async () => {
    const before = liveContexts();
    const reloaded = new TlsContexts({ certificates: [identity, identity] });
    expect(liveContexts()).toBe(before + 2);
    const done = await new SecurePair({ server: reloaded, client }).secure();
    const underWay = new SecurePair({ server: reloaded, client });
    reloaded.reload({ certificates: [identity] });
    expect(liveContexts()).toBe(before + 3);
    await underWay.secure();
    await done.strike();
    expect(liveContexts()).toBe(before + 3);
    await underWay.strike();
    expect(liveContexts()).toBe(before + 1);
    expect(() => reloaded.reload({ certificates: [identity, { certificate: identity.certificate, key: certificates.root.key }] })).toThrow(/mismatch/i);
    expect(liveContexts()).toBe(before + 1);
    reloaded.reload({ certificates: [identity], form: 'sockets' });
    expect([liveContexts(), reloaded.form]).toEqual([before, 'sockets']);
  });

  it('leaves nothing of contexts that nobody has any more', () => {
    const source = (path: string): string => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href);
    const script = `const { TlsContexts } = await import(${source('index.ts')});
      const { liveContexts } = await import(${source('native/server-contexts.ts')});
      const identity = ${JSON.stringify(identity)};
      (() => { for (let made = 0; made < 3; made++) new TlsContexts({ certificates: [identity] }); })();
      for (let turns = 0; turns < 100 && liveContexts() > 0; turns++) { gc(); await new Promise(setImmediate); }
      console.log(String(liveContexts()));`;
    const run = ['--conditions=@sluice/source', '--expose-gc', '--input-type=module', '-e', script];
    expect(execFileSync(process.execPath, run, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('0\n');
  });

  it('delivers what arrived together in one piece', async () => {
    const pair = await new SecurePair({ server, client, reading: false }).secure();
    const lengths: number[] = [];
    const { onBytes } = Owner.prototype;
    pair.server.onBytes = function noted(bytes, start, end) {
      lengths.push(end - start);
      onBytes.call(this, bytes, start, end);
    };
    for (let message = 0; message < 20; message++) {
      pair.client.write('a message; ', pair.pool);
      await pair.settle();
    }
    pair.server.endpoint.setReading(true);
    await pair.until(() => pair.server.bytes === 220);
    expect(lengths).toEqual([220]);
    expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
  });

  it('keeps connections apart that write to each other while they read', async () => {
    const network = new MemoryNetwork({ seed: 3 });
    const pairs = Array.from({ length: 4 }, () => {
      const [innerServer, innerClient] = connected(network);
      const role = { role: 'server', contexts: server, pool: network.pool } as const;
      return {
        server: new Owner(secureEndpoint(innerServer, role)),
        client: new Owner(secureEndpoint(innerClient, { role: 'client', contexts: client, serverName: 'memory', pool: network.pool })),
      };
    });
    // Whatever one hears is told to everybody, from inside the callback, straight from the bytes that are lent.
    for (const { server: hearing } of pairs) {
      hearing.onBytes = (bytes, start, end) => {
        for (const { server: told } of pairs) {
          const message = new Brigade(network.pool);
          message.write(bytes, start, end);
          told.endpoint.write(message);
        }
      };
    }
    for (const [index, pair] of pairs.entries()) pair.client.write(`${index}`.repeat(30_000), network.pool);
    const whole = 4 * 30_000;
    expect(await untilNetwork(network, () => pairs.every((pair) => pair.client.bytes === whole))).toBe(true);
    for (const pair of pairs) for (const digit of '0123') expect(pair.client.text.replaceAll(/[0-3]/g, '')).not.toContain(digit);
    for (const pair of pairs) {
      pair.client.endpoint.close();
      pair.server.endpoint.abort();
    }
    expect(await untilNetwork(network, () => pairs.every((pair) => pair.server.closed !== undefined && pair.client.closed !== undefined))).toBe(true);
    expect(network.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('lends bytes that a connection on top of it does not overwrite while it reads them', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    const [innerServer, innerClient] = connected(network);
    const { pool } = network;
    const outer = { role: 'server', contexts: server, pool } as const;
    const inner = { role: 'client', contexts: client, serverName: 'memory', pool } as const;
    const below = new Owner(secureEndpoint(secureEndpoint(secureEndpoint(innerServer, outer), outer), outer));
    const above = new Owner(secureEndpoint(secureEndpoint(secureEndpoint(innerClient, inner), inner), inner));
    expect(liveChannels()).toBe(3);
    const sent = Array.from({ length: 9000 }, (_, index) => String.fromCharCode(65 + (index % 26))).join('');
    above.write(sent, pool);
    expect(await untilNetwork(network, () => below.bytes === sent.length)).toBe(true);
    expect(below.text).toBe(sent);
    below.endpoint.shutdown();
    above.endpoint.shutdown();
    expect(await untilNetwork(network, () => below.closed === null && above.closed === null)).toBe(true);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it.each(['close', 'abort', 'shutdown'] as const)('may be ended from inside onBytes by %s', async (end) => {
    const pair = await new SecurePair({ server, client }).secure();
    pair.server.onBytes = () => {
      pair.server.events.push('bytes');
      pair.server.endpoint[end]();
      pair.server.write('too late, or the last', pair.pool);
    };
    pair.client.write('once', pair.pool);
    pair.client.endpoint.shutdown();
    await pair.until(() => pair.server.closed !== undefined);
    expect(pair.server.closed).toBe(null);
    expect(pair.server.events.filter((event) => event === 'bytes')).toEqual(['bytes']);
    expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
  });

  it("an owner's exception reaches the inner endpoint's caller, and harms nobody else", async () => {
    const pair = await new SecurePair({ server, client }).secure();
    const other = await new SecurePair({ server, client }).secure();
    pair.server.onBytes = () => {
      throw new Error('the owner is broken');
    };
    pair.client.write('x', pair.pool);
    await expect(pair.until(() => pair.server.closed !== undefined)).rejects.toThrow('the owner is broken');
    other.client.write('still fine', other.pool);
    await other.until(() => other.server.text === 'still fine');
    await pair.strike();
    await other.strike();
  });

  it('any bytes in any pieces, with pauses anywhere, arrive as they were sent', async () => {
    const plan = fc.record({
      seed: fc.nat(),
      sizes: fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 6 }),
      pauses: fc.array(fc.boolean(), { maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ seed, sizes, pauses }) => {
        const pair = new SecurePair({ server, client, network: { seed } });
        const whole = sizes.reduce((sum, size) => sum + size, 0);
        const heard: string[] = [];
        const left = [...pauses];
        pair.server.onBytes = (bytes, start, end) => {
          heard.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
          pair.server.bytes += end - start;
          const echo = new Brigade(pair.pool);
          echo.write(bytes, start, end);
          pair.server.endpoint.write(echo);
          if (left.pop() !== true) return;
          pair.server.endpoint.setReading(false);
          setImmediate(() => pair.server.endpoint.setReading(true));
        };
        const pieces = sizes.map((size, index) => String.fromCharCode(97 + index).repeat(size));
        for (const piece of pieces) pair.client.write(piece, pair.pool);
        await pair.until(() => pair.server.bytes === whole && pair.client.bytes === whole);
        expect(heard.join('') === pieces.join('')).toBe(true);
        expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
      }),
      { numRuns: 25 },
    );
  });

  it('any damage to what arrives ends the connection in one way only', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), async (seed, damage, early) => {
        const pair = new SecurePair({ server, client, network: { seed } });
        if (!early) await pair.secure();
        const bytes = new Brigade(pair.pool);
        bytes.write(damage);
        pair.innerClient.write(bytes);
        pair.innerClient.shutdown();
        await pair.until(() => pair.server.closed !== undefined);
        expect(pair.server.closed?.kind).toMatch(/^(protocolError|truncated|connectionReset)$/);
        expect(pair.server.events.filter((event) => event === 'close')).toEqual(['close']);
        expect(liveChannels()).toBe(0);
        expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
      }),
      { numRuns: 40 },
    );
  });
});
