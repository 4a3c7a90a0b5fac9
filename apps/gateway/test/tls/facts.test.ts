import type { Endpoint, PeerCertificate, SecureSession } from '@sluice/transport';
import { expect, it } from 'vitest';
import { tlsFacts } from '../../src/tls/facts.ts';

const bare: SecureSession = { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', alpn: null, serverName: null, resumed: false, peerCertificate: null };
const certificate: PeerCertificate = { subject: 'CN=alice', issuer: 'CN=ca', validFromMs: 0, validToMs: 1, sha1: 'A', sha256: 'B', authorized: true, reason: null };
const facts = (secureSession?: SecureSession | null) => tlsFacts({ secureSession } as unknown as Endpoint);

it('there are none in the clear, and none before the handshake is complete', () => {
  expect([facts(undefined), facts(null)]).toEqual([undefined, undefined]);
});

it('only what there is is said', () => {
  expect(facts(bare)).toEqual({ protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' });
  expect(facts({ ...bare, alpn: 'http/1.1', serverName: 'gw.example', resumed: true, peerCertificate: certificate })).toEqual({
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    alpn: 'http/1.1',
    serverName: 'gw.example',
    resumed: true,
    client: 'CN=alice',
  });
});

it('a certificate that TLS would not have let pass is said to be one, and why', () => {
  const refused = { ...certificate, authorized: false, reason: 'CERT_HAS_EXPIRED' };
  expect(facts({ ...bare, peerCertificate: refused })).toMatchObject({ client: 'CN=alice', clientRefusal: 'CERT_HAS_EXPIRED' });
});
