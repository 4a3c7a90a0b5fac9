// What a secure endpoint does beyond the contract of all endpoints: when it tells what, and how it ends.

import { Brigade, fileBucket, FileHandleRef } from '@sluice/brigade';
import { MemoryNetwork } from '@sluice/transport-memory';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { secureEndpoint, TlsClientContexts, TlsContexts, type TlsForm, type TlsVersion } from '../src/index.ts';
import { Certificates } from './certificates.ts';
import { forms } from './forms.ts';
import { connected, Owner, SecurePair, type PairOptions } from './secure-pair.ts';
import { Stalling } from './stalling.ts';
import { memoryFile, untilNetwork } from './set-up.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const serverIdentity = certificates.make({ subject: '/O=Sluice/CN=memory', names: 'DNS:memory' });
const clientIdentity = certificates.make({ subject: '/O=Sluice/CN=client' });
const ca = certificates.root.certificate;

function optionsOf(form: TlsForm, version: TlsVersion, more: Partial<PairOptions> = {}): PairOptions {
  const versions = { minVersion: version, maxVersion: version };
  return {
    server: new TlsContexts({ certificates: [serverIdentity], clientCertificate: 'request', ca, form, ...versions }),
    client: new TlsClientContexts({ ca, identity: clientIdentity, ...versions }),
    ...more,
  };
}

for (const [form, version] of forms.flatMap((form) => [[form, 'TLSv1.2'], [form, 'TLSv1.3']] as const)) {
  const options = (more: Partial<PairOptions> = {}): PairOptions => optionsOf(form, version, more);
  describe(`${form}, ${version}: the handshake`, () => {
    it('tells onSecure once, before bytes that came with its last flight, and what was agreed on', async () => {
      const pair = new SecurePair(options());
      pair.client.write('early bird', pair.pool);
      expect(pair.server.endpoint.state).toBe('handshaking');
      expect(pair.server.endpoint.secureSession).toBe(null);
      expect(pair.server.endpoint.peerCertificate()).toBe(null);
      await pair.until(() => pair.server.text === 'early bird');
      expect(pair.server.events).toEqual(['secure', 'bytes']);
      expect(pair.server.endpoint.secureSession).toMatchObject({ protocol: version, serverName: 'memory', alpn: null, resumed: false });
      expect(pair.server.endpoint.secureSession?.cipher).toMatch(/AES|CHACHA/);
      expect(pair.server.endpoint.peerCertificate()).toMatchObject({ subject: 'O=Sluice, CN=client', authorized: true, reason: null });
      expect(pair.client.endpoint.peerCertificate()).toMatchObject({ subject: 'O=Sluice, CN=memory', authorized: true });
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    });

    it('delivers nothing to an owner who judged and aborted, or closed, in onSecure', async () => {
      for (const drop of ['abort', 'close'] as const) {
        const pair = new SecurePair(options());
        pair.server.inSecure = () => pair.server.endpoint[drop]();
        pair.client.write('never looked at', pair.pool);
        await pair.until(() => pair.server.closed !== undefined);
        expect(pair.server.events).toEqual(['secure', 'close']);
        expect(pair.server.closed).toBe(null);
        expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
      }
    });

    it('delivers nothing to an owner who stopped reading in onSecure, until asked', async () => {
      const pair = new SecurePair(options());
      pair.server.inSecure = () => pair.server.endpoint.setReading(false);
      pair.client.write('patience', pair.pool);
      await pair.secure();
      await pair.settle();
      expect(pair.server.bytes).toBe(0);
      pair.server.endpoint.setReading(true);
      await pair.until(() => pair.server.text === 'patience');
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    });

    it('fails for what is not TLS, with an operation and a kind', async () => {
      const network = new MemoryNetwork({ seed: 1 });
      const [inner, raw] = connected(network);
      const server = new Owner(secureEndpoint(inner, { role: 'server', contexts: options().server, pool: network.pool }));
      raw.attach({ onBytes() {}, onEnd() {}, onProgress() {}, onClose() {} });
      const request = new Brigade(network.pool);
      request.writeLatin1('GET / HTTP/1.1\r\n\r\n');
      raw.write(request);
      expect(await untilNetwork(network, () => server.closed !== undefined)).toBe(true);
      expect(server.closed).toMatchObject({ operation: 'handshake', kind: 'protocolError', code: 'ERR_SSL_HTTP_REQUEST' });
      expect(server.events).toEqual(['close']);
    });

    it('fails for a peer that ends in the middle of it', async () => {
      const network = new MemoryNetwork({ seed: 1 });
      const [inner, raw] = connected(network);
      const server = new Owner(secureEndpoint(inner, { role: 'server', contexts: options().server, pool: network.pool }));
      raw.attach({ onBytes() {}, onEnd() {}, onProgress() {}, onClose() {} });
      raw.shutdown();
      expect(await untilNetwork(network, () => server.closed !== undefined)).toBe(true);
      expect(server.closed).toMatchObject({ operation: 'handshake', kind: 'truncated' });
    });

    it("passes on a reset below as the inner endpoint's own failure", async () => {
      const pair = new SecurePair(options());
      pair.innerClient.abort();
      await pair.closed();
      expect(pair.server.closed).toMatchObject({ operation: 'read', kind: 'connectionReset' });
    });

    it('may be given up by close and abort at any moment', async () => {
      for (const drop of ['close', 'abort'] as const) {
        for (let steps = 0; steps < 12; steps++) {
          const pair = new SecurePair(options());
          let left = steps;
          await pair.until(() => left-- <= 0);
          pair.server.endpoint[drop]();
          await pair.until(() => pair.server.closed !== undefined);
          await pair.until(() => pair.client.closed !== undefined || pair.client.events.includes('end'));
          expect(pair.server.closed).toBe(null);
          expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
        }
      }
    });
  });

  describe(`${form}, ${version}: the end`, () => {
    it('case 1: the peer answers close_notify, and both close in order', async () => {
      const pair = await new SecurePair(options()).secure();
      pair.server.write('last words', pair.pool);
      pair.server.endpoint.shutdown();
      await pair.until(() => pair.client.events.includes('end'));
      expect(pair.client.text).toBe('last words');
      pair.client.endpoint.shutdown();
      await pair.closed();
      expect([pair.server.closed, pair.client.closed]).toEqual([null, null]);
      expect(pair.server.events).toEqual(['secure', 'end', 'close']);
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    });

    it("case 2: the peer stays silent, and the wait is the owner's", async () => {
      const pair = await new SecurePair(options()).secure();
      pair.server.endpoint.shutdown();
      await pair.settle();
      expect(pair.server.events).toEqual(['secure']);
      pair.server.endpoint.close();
      await pair.until(() => pair.server.closed !== undefined);
      expect(pair.server.closed).toBe(null);
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    });

    it('case 3: FIN without close_notify is a failure, after all bytes before it', async () => {
      const pair = await new SecurePair(options()).secure();
      pair.client.write('all there was', pair.pool);
      await pair.until(() => pair.client.endpoint.queuedBytes === 0);
      pair.server.endpoint.setReading(false);
      pair.innerClient.shutdown();
      await pair.settle();
      expect(pair.server.closed).toBe(undefined);
      pair.server.endpoint.setReading(true);
      await pair.until(() => pair.server.closed !== undefined);
      expect(pair.server.text).toBe('all there was');
      expect(pair.server.events).toEqual(['secure', 'bytes', 'close']);
      expect(pair.server.closed).toMatchObject({ operation: 'read', kind: 'truncated' });
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    });

    it('close says goodbye when nothing is lost by it', async () => {
      const pair = await new SecurePair(options()).secure();
      pair.server.write('complete', pair.pool);
      await pair.until(() => pair.client.text === 'complete' && pair.server.endpoint.queuedBytes === 0);
      pair.server.endpoint.close();
      await pair.until(() => pair.client.events.includes('end'));
      await pair.until(() => pair.server.closed !== undefined);
      expect(pair.server.closed).toBe(null);
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    });

    it('close does not say goodbye to a peer that is cut off in the middle', async () => {
      const pair = await new SecurePair(options({ reading: false })).secure();
      pair.server.write('x'.repeat(16_000).repeat(60), pair.pool);
      await pair.settle();
      expect(pair.server.endpoint.queuedBytes).toBeGreaterThan(0);
      pair.server.endpoint.close();
      pair.client.endpoint.setReading(true);
      await pair.closed();
      expect(pair.client.events).not.toContain('end');
      expect(pair.client.closed?.operation).toBe('read');
      expect(pair.server.closed).toBe(null);
    });

    it('delivers all that arrived to a slow reader, although the connection below is long gone', async () => {
      const pair = await new SecurePair(options({ reading: false })).secure();
      pair.server.endpoint.shutdown();
      pair.client.endpoint.setReading(true);
      pair.client.write('y'.repeat(10_000), pair.pool);
      pair.client.endpoint.shutdown();
      await pair.until(() => pair.client.closed === null);
      await pair.settle();
      expect(pair.server.closed).toBe(undefined);
      pair.server.endpoint.setReading(true);
      await pair.closed();
      expect(pair.server.bytes).toBe(10_000);
      expect(pair.server.events).toEqual(['secure', 'bytes', 'end', 'close']);
    });

    it('damage after the handshake is a read failure', async () => {
      const pair = await new SecurePair(options()).secure();
      const damage = new Brigade(pair.pool);
      damage.writeLatin1('\x17\x03\x03\x00 not encrypted by anybody, though');
      pair.innerClient.write(damage);
      await pair.closed();
      expect(pair.server.closed).toMatchObject({ operation: 'read', kind: 'protocolError' });
      expect(pair.client.closed).not.toBe(null);
    });
  });

  describe(`${form}, ${version}: memory`, () => {
    it('is bounded both ways while nobody reads, and everything arrives in the end', async () => {
      const pair = await new SecurePair(options({ reading: false })).secure();
      const size = 3 << 20;
      const file = new FileHandleRef(pair.pool, memoryFile(new Uint8Array(size)), size);
      const brigade = new Brigade(pair.pool);
      brigade.append(fileBucket(file, 0, size));
      file.release();
      pair.server.endpoint.write(brigade);
      await pair.settle();
      const taken = size - pair.server.endpoint.queuedBytes;
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThan(400_000);
      expect(pair.innerClient.bytesIn).toBeLessThan(250_000);
      const held = pair.pool.outstanding().bytes + pair.network.pool.outstanding().bytes;
      expect(held).toBeLessThan(200_000);
      pair.client.endpoint.setReading(true);
      await pair.until(() => pair.client.bytes === size);
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    });
  });

  describe(`${form}, ${version}: the stack`, () => {
    it('goes over another secure endpoint as over any', async () => {
      const network = new MemoryNetwork({ seed: 1 });
      const [innerServer, innerClient] = connected(network);
      const { pool } = network;
      const tls = options();
      const outer = { role: 'server', contexts: tls.server, pool } as const;
      const inner = { role: 'client', contexts: tls.client, serverName: 'memory', pool } as const;
      const server = new Owner(secureEndpoint(secureEndpoint(innerServer, outer), outer));
      const client = new Owner(secureEndpoint(secureEndpoint(innerClient, inner), inner));
      client.write('twice wrapped', pool);
      client.endpoint.shutdown();
      server.endpoint.shutdown();
      expect(await untilNetwork(network, () => server.closed === null && client.closed === null)).toBe(true);
      expect(server.text).toBe('twice wrapped');
      expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    });
  });
}

describe.each(forms)('%s: a goodbye that cannot leave', (form) => {
  /** Server and client are secure; then the server's connection takes no more, and the server closes. */
  async function stuck(): Promise<{ server: Owner; network: MemoryNetwork }> {
    const network = new MemoryNetwork({ seed: 1 });
    const [innerServer, innerClient] = connected(network);
    const stalling = new Stalling(innerServer, network.pool);
    const tls = optionsOf(form, 'TLSv1.3');
    const server = new Owner(secureEndpoint(stalling, { role: 'server', contexts: tls.server, pool: network.pool }));
    const client = new Owner(secureEndpoint(innerClient, { role: 'client', contexts: tls.client, serverName: 'memory', pool: network.pool }));
    expect(await untilNetwork(network, () => server.endpoint.state === 'secure' && client.endpoint.state === 'secure')).toBe(true);
    await untilNetwork(network, () => false); // tickets are on their way
    stalling.stalled = true;
    server.endpoint.close();
    await untilNetwork(network, () => false);
    expect(server.endpoint.state).toBe('closing');
    return { server, network };
  }

  it.each(['close', 'abort'] as const)('is not waited for after another %s', async (drop) => {
    const { server, network } = await stuck();
    server.endpoint[drop]();
    expect(await untilNetwork(network, () => server.closed === null)).toBe(true);
    expect(server.events).toEqual(['secure', 'close']);
  });

  it('is waited for a second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { server, network } = await stuck();
      vi.advanceTimersByTime(999);
      await untilNetwork(network, () => false);
      expect(server.closed).toBe(undefined);
      vi.advanceTimersByTime(1);
      expect(await untilNetwork(network, () => server.closed === null)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

it('lets an owner attach once', async () => {
  const pair = new SecurePair(optionsOf('sockets', 'TLSv1.3'));
  expect(() => pair.server.endpoint.attach(pair.server)).toThrow('once');
  await pair.strike();
});
