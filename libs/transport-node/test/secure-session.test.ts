import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secureSessionOf } from '../src/secure-session.ts';
import { selfSigned, TlsPeers } from './tls-peers.ts';

const own = selfSigned('/O=Sluice/CN=server');
const clients = selfSigned('/C=DE/O=Sluice/CN=client');
let peers: TlsPeers;
beforeAll(async () => {
  peers = await TlsPeers.open(own);
});
afterAll(() => peers.close());

describe('secureSessionOf', () => {
  it('tells what was agreed on, and the facts of the peer certificate', async () => {
    const { client, server } = await peers.pair({ ...clients, servername: 'gateway.example', ALPNProtocols: ['http/1.1'] });
    const certificate = new X509Certificate(clients.cert);
    expect(secureSessionOf(server)).toEqual({
      protocol: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      alpn: 'http/1.1',
      serverName: 'gateway.example',
      resumed: false,
      peerCertificate: {
        subject: 'C=DE, O=Sluice, CN=client',
        issuer: 'C=DE, O=Sluice, CN=client',
        validFromMs: certificate.validFromDate.getTime(),
        validToMs: certificate.validToDate.getTime(),
        sha1: certificate.fingerprint.replaceAll(':', ''),
        sha256: certificate.fingerprint256.replaceAll(':', ''),
        authorized: false,
        reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      },
    });
    expect(secureSessionOf(client)?.peerCertificate?.subject).toBe('O=Sluice, CN=server');
    client.destroy();
  });

  it('has null for what was not asked for or not sent', async () => {
    const { client, server } = await peers.pair({ maxVersion: 'TLSv1.2' });
    expect(secureSessionOf(server)).toMatchObject({ protocol: 'TLSv1.2', alpn: null, serverName: null, peerCertificate: null });
    client.destroy();
  });

  it('calls a certificate that leads to a trusted root authorized', async () => {
    const { client } = await peers.pair({ ca: own.cert, checkServerIdentity: () => undefined });
    expect(secureSessionOf(client)?.peerCertificate).toMatchObject({ authorized: true, reason: null });
    client.destroy();
  });

  it('is null before the handshake is complete', async () => {
    const client = peers.client();
    expect(secureSessionOf(client)).toBeNull();
    client.destroy();
  });
});
