// What servers' contexts decide: which certificate, which protocol, whose session is resumed; and swapping them under way.

import { X509Certificate } from 'node:crypto';
import type { SecureSession } from '@sluice/transport';
import { afterAll, describe, expect, it } from 'vitest';
import { TlsClientContexts, TlsContexts, type TlsServerOptions, type TlsVersion } from '../src/index.ts';
import { Certificates } from './certificates.ts';
import { forms } from './forms.ts';
import { SecurePair } from './secure-pair.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const plain = certificates.make({ subject: '/O=Sluice/CN=memory', names: 'DNS:memory' });
const wild = certificates.make({ subject: '/O=Sluice/CN=wild', names: 'DNS:*.example.test,DNS:example.test' });
const stranger = certificates.make({ subject: '/O=Elsewhere/CN=stranger', selfSigned: true });
const member = certificates.make({ subject: '/O=Sluice/CN=member' });
const ca = certificates.root.certificate;
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

/** One connection made, said something over, and closed in order; what both ends saw. */
async function visit(server: TlsContexts, client: TlsClientContexts, serverName = 'memory'): Promise<{ server: SecureSession; client: SecureSession }> {
  const pair = await new SecurePair({ server, client, serverName }).secure();
  pair.server.write('hello', pair.pool);
  await pair.until(() => pair.client.text === 'hello');
  const seen = { server: pair.server.endpoint.secureSession as SecureSession, client: pair.client.endpoint.secureSession as SecureSession };
  expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
  return seen;
}

function subjectOf(session: SecureSession): string | undefined {
  return session.peerCertificate?.subject;
}

describe.each(forms)('%s:', (form) => {
  describe('certificates', () => {
    const server = new TlsContexts({ form, certificates: [plain, wild] });

    it.each([
      ['memory', 'O=Sluice, CN=memory'],
      ['example.test', 'O=Sluice, CN=wild'],
      ['a.example.test', 'O=Sluice, CN=wild'],
      ['A.Example.TEST', 'O=Sluice, CN=wild'],
    ])('%s is served by %s', async (serverName, subject) => {
      for (const version of versions) {
        const { client } = await visit(server, new TlsClientContexts({ ca, maxVersion: version }), serverName);
        expect(subjectOf(client)).toBe(subject);
      }
    });

    it('the first is for unknown names and for clients without one', async () => {
      const trusting = new TlsClientContexts({ ca, rejectUnauthorized: false });
      for (const name of ['unknown.test', 'a.b.example.test', '127.0.0.1']) {
        const seen = await visit(server, trusting, name);
        expect(subjectOf(seen.client)).toBe('O=Sluice, CN=memory');
        expect(seen.server.serverName).toBe(name === '127.0.0.1' ? null : name);
      }
    });

    it('are needed, and have to be some', () => {
      expect(() => new TlsContexts({ form, certificates: [] })).toThrow('needs a certificate');
      expect(() => new TlsContexts({ form, certificates: [{ certificate: plain.certificate, key: wild.key }] })).toThrow(/key values mismatch/i);
    });
  });

  describe('ciphers', () => {
    const negotiated = async (ciphers: string, version: TlsVersion, minVersion: TlsVersion = 'TLSv1.2'): Promise<string | undefined> => {
      const server = new TlsContexts({ form, certificates: [plain], ciphers, minVersion });
      const seen = await visit(server, new TlsClientContexts({ ca, minVersion: version, maxVersion: version }));
      return seen.server.cipher;
    };
    const old = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';

    it('of TLS 1.2 alone leave the suites of TLS 1.3 as they are', async () => {
      expect(await negotiated(old, 'TLSv1.2')).toMatch(/^ECDHE-(?:ECDSA|RSA)-AES128-GCM-SHA256$/);
      expect(await negotiated(old, 'TLSv1.3')).toMatch(/^TLS_/);
      expect(await negotiated(old, 'TLSv1.3', 'TLSv1.3')).toMatch(/^TLS_/);
    });

    it('of TLS 1.3 alone turn TLS 1.2 off', async () => {
      expect(await negotiated('TLS_AES_128_GCM_SHA256', 'TLSv1.3')).toBe('TLS_AES_128_GCM_SHA256');
      const server = new TlsContexts({ form, certificates: [plain], ciphers: 'TLS_AES_128_GCM_SHA256' });
      const pair = new SecurePair({ server, client: new TlsClientContexts({ ca, maxVersion: 'TLSv1.2' }) });
      await pair.until(() => pair.client.closed !== undefined && pair.server.closed !== undefined);
      expect(pair.server.closed?.kind).toBe('protocolError');
    });

    it.each(['NO-SUCH-CIPHER', 'TLS_NO_SUCH_SUITE', `TLS_NO_SUCH_SUITE:${old}`])('that do not exist are refused at once: %s', (ciphers) => {
      expect(() => new TlsContexts({ form, certificates: [plain], ciphers })).toThrow(/no cipher match/);
    });
  });

  describe('ALPN', () => {
    const server = new TlsContexts({ form, certificates: [plain], alpn: ['sluice/2', 'sluice/1'] });

    it("chooses the server's preferred of what the client offers", async () => {
      const seen = await visit(server, new TlsClientContexts({ ca, alpn: ['sluice/1', 'sluice/2'] }));
      expect([seen.server.alpn, seen.client.alpn]).toEqual(['sluice/2', 'sluice/2']);
      expect((await visit(server, new TlsClientContexts({ ca }))).server.alpn).toBe(null);
    });

    it('fails the handshake of a client that offers only others', async () => {
      const pair = new SecurePair({ server, client: new TlsClientContexts({ ca, alpn: ['h2'] }) });
      await pair.closed();
      expect(pair.client.closed).toMatchObject({ operation: 'handshake', kind: 'protocolError', code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
      expect(pair.server.closed).toMatchObject({ operation: 'handshake', kind: 'protocolError' });
      expect(pair.server.events).toEqual(['close']);
    });
  });

  describe('versions', () => {
    it('that do not meet fail the handshake at both ends', async () => {
      const server = new TlsContexts({ form, certificates: [plain], minVersion: 'TLSv1.3' });
      const pair = new SecurePair({ server, client: new TlsClientContexts({ ca, maxVersion: 'TLSv1.2' }) });
      await pair.closed();
      expect(pair.server.closed).toMatchObject({ operation: 'handshake', kind: 'protocolError', code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' });
      expect(pair.client.closed).toMatchObject({ operation: 'handshake', kind: 'protocolError', code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    });
  });

  describe.each(versions)('%s: client certificates', (version) => {
    const base: TlsServerOptions = { form, certificates: [plain], ca, minVersion: version, maxVersion: version };
    const asking = new TlsContexts({ ...base, clientCertificate: 'request' });
    const requiring = new TlsContexts({ ...base, clientCertificate: 'require' });

    it('any passes when requested, and the facts are for the owner to judge', async () => {
      const known = (await visit(asking, new TlsClientContexts({ ca, identity: member }))).server.peerCertificate;
      expect(known).toMatchObject({ subject: 'O=Sluice, CN=member', authorized: true, reason: null });
      const unknown = (await visit(asking, new TlsClientContexts({ ca, identity: stranger }))).server.peerCertificate;
      expect(unknown).toMatchObject({ subject: 'O=Elsewhere, CN=stranger', authorized: false, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      expect(unknown?.sha256).toBe(new X509Certificate(stranger.certificate).fingerprint256.replaceAll(':', ''));
      expect((await visit(asking, new TlsClientContexts({ ca }))).server.peerCertificate).toBe(null);
    });

    it('are not asked for by default', async () => {
      const server = new TlsContexts({ form, certificates: [plain] });
      expect((await visit(server, new TlsClientContexts({ ca, identity: member }))).server.peerCertificate).toBe(null);
    });

    it('are refused by TLS itself when required', async () => {
      expect((await visit(requiring, new TlsClientContexts({ ca, identity: member }))).server.peerCertificate?.authorized).toBe(true);
      for (const identity of [stranger, null]) {
        const pair = new SecurePair({ server: requiring, client: new TlsClientContexts({ ca, ...(identity !== null && { identity }) }) });
        await pair.closed();
        expect(pair.server.events).toEqual(['close']);
        expect(pair.server.closed?.operation).toBe('handshake');
        expect(pair.server.closed?.kind).toBe(identity === null ? 'protocolError' : 'untrusted');
        expect(pair.server.closed?.code).toBe(identity === null ? 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' : 'DEPTH_ZERO_SELF_SIGNED_CERT');
      }
    });
  });

  describe('reload', () => {
    it('serves new handshakes, and those under way or done go on', async () => {
      const server = new TlsContexts({ form, certificates: [plain] });
      const client = new TlsClientContexts({ ca, rejectUnauthorized: false });
      const before = await new SecurePair({ server, client }).secure();
      const underWay = new SecurePair({ server, client });
      server.reload({ form, certificates: [wild] });
      expect(server.reloads).toBe(1);
      await underWay.secure();
      const after = await new SecurePair({ server, client, serverName: 'other' }).secure();
      const subjects = [before, underWay, after].map((pair) => pair.client.endpoint.peerCertificate()?.subject);
      expect(subjects).toEqual(['O=Sluice, CN=memory', 'O=Sluice, CN=memory', 'O=Sluice, CN=wild']);
      for (const pair of [before, underWay, after]) {
        pair.server.write('still here', pair.pool);
        await pair.until(() => pair.client.text === 'still here');
        await pair.strike();
      }
    });

    it('that cannot be done throws, and everything stays as it was', async () => {
      const server = new TlsContexts({ form, certificates: [plain] });
      expect(() => server.reload({ form, certificates: [{ certificate: wild.certificate, key: plain.key }] })).toThrow(/mismatch/i);
      expect(server.reloads).toBe(0);
      expect(subjectOf((await visit(server, new TlsClientContexts({ ca }))).client)).toBe('O=Sluice, CN=memory');
    });
  });

  describe('resumption', () => {
    const resumed = async (server: TlsContexts, client: TlsClientContexts): Promise<boolean> => {
      const seen = await visit(server, client);
      expect(seen.server.resumed).toBe(seen.client.resumed);
      return seen.server.resumed;
    };

    it.each(versions)('%s: by ticket, also across a reload, with certificate and verdict of the first handshake', async (version) => {
      const options: TlsServerOptions = { form, certificates: [plain], ca, clientCertificate: 'request' };
      const server = new TlsContexts(options);
      const client = new TlsClientContexts({ ca, identity: member, maxVersion: version });
      expect(await resumed(server, client)).toBe(false);
      expect(await resumed(server, client)).toBe(true);
      server.reload(options);
      const seen = await visit(server, client);
      expect(seen.server.resumed).toBe(true);
      expect(seen.server.peerCertificate).toMatchObject({ subject: 'O=Sluice, CN=member', authorized: true });
    });

    it.each(versions)('%s: not when what makes a client trusted has changed', async (version) => {
      const server = new TlsContexts({ form, certificates: [plain], ca, clientCertificate: 'request' });
      const client = new TlsClientContexts({ ca, identity: member, maxVersion: version });
      await visit(server, client);
      server.reload({ form, certificates: [plain], ca: stranger.certificate, clientCertificate: 'request' });
      const seen = await visit(server, client);
      expect(seen.server.resumed).toBe(false);
      expect(seen.server.peerCertificate?.authorized).toBe(false);
    });

    it('between servers that share their ticket keys', async () => {
      const ticketKeys = new Uint8Array(48).fill(7);
      const client = new TlsClientContexts({ ca });
      await visit(new TlsContexts({ form, certificates: [plain], ticketKeys }), client);
      expect(await resumed(new TlsContexts({ form, certificates: [plain], ticketKeys }), client)).toBe(true);
      expect(await resumed(new TlsContexts({ form, certificates: [plain] }), client)).toBe(false);
      expect(() => new TlsContexts({ form, certificates: [plain], ticketKeys: new Uint8Array(47) })).toThrow('48 bytes');
    });

    it('by session id for TLS 1.2 without tickets, if ids are kept', async () => {
      const options: TlsServerOptions = { form, certificates: [plain], tickets: false, sessionIds: 10 };
      const server = new TlsContexts(options);
      const client = new TlsClientContexts({ ca, maxVersion: 'TLSv1.2' });
      expect(await resumed(server, client)).toBe(false);
      expect(await resumed(server, client)).toBe(true);
      server.reload(options);
      expect(await resumed(server, client)).toBe(true);
      const forgetful = new TlsContexts({ ...options, sessionIds: 0 });
      await visit(forgetful, client);
      expect(await resumed(forgetful, client)).toBe(false);
    });
  });
});

it('has the form asked for, and by itself the native one where there is one', () => {
  const best = forms[0];
  expect(new TlsContexts({ certificates: [plain] }).form).toBe(best);
  for (const form of forms) expect(new TlsContexts({ certificates: [plain], form })).toMatchObject({ form, formReason: null });
});

it('speaks with nobody but through the stream it is given', () => {
  // A server that listened would keep this process alive and be reachable; there is no such handle.
  const contexts = new TlsContexts({ certificates: [plain] });
  expect(contexts.reloads).toBe(0);
  expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap')).toEqual([]);
});
