import type { PeerCertificate } from '@sluice/transport';
// The facts of a certificate, against what openssl says of it.

import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { TlsClientContexts, TlsContexts } from '../src/index.ts';
import { Certificates, type Made } from './certificates.ts';
import { SecurePair } from './secure-pair.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const ca = certificates.root.certificate;
const server = new TlsContexts({ certificates: [certificates.make({ subject: '/CN=memory', names: 'DNS:memory' })], ca, clientCertificate: 'request' });

async function factsOf(identity: Made): Promise<PeerCertificate | null> {
  const pair = await new SecurePair({ server, client: new TlsClientContexts({ ca, identity }) }).secure();
  const facts = pair.server.endpoint.peerCertificate();
  expect(pair.server.endpoint.secureSession?.peerCertificate, 'read once').toBe(facts);
  await pair.strike();
  expect(pair.server.endpoint.peerCertificate(), 'kept to the end').toBe(facts);
  return facts;
}

function thumbprint(name: string, { certificate }: Made): string {
  const answer = execFileSync('openssl', ['x509', '-noout', '-fingerprint', `-${name}`], { input: certificate }).toString();
  return answer.trim().replace(/^.*=/, '').replaceAll(':', '');
}

describe("a client's certificate", () => {
  it('has names, dates in milliseconds, thumbprints in upper-case hexadecimal digits, and a verdict', async () => {
    const identity = certificates.make({ subject: '/O=Sluice/CN=client', validity: ['20200229123456Z', '20991231235959Z'] });
    const facts = await factsOf(identity);
    expect(facts).toEqual({
      subject: 'O=Sluice, CN=client',
      issuer: 'O=Sluice, CN=Test root',
      validFromMs: Date.UTC(2020, 1, 29, 12, 34, 56),
      validToMs: Date.UTC(2099, 11, 31, 23, 59, 59),
      sha1: thumbprint('sha1', identity),
      sha256: thumbprint('sha256', identity),
      authorized: true,
      reason: null,
    });
    expect(facts?.sha1).toMatch(/^[0-9A-F]{40}$/);
    expect(facts?.sha256).toMatch(/^[0-9A-F]{64}$/);
  });

  it.each([
    ['expired', ['20200101000000Z', '20210101000000Z'], 'CERT_HAS_EXPIRED'],
    ['is not valid yet', ['20980101000000Z', '20990101000000Z'], 'CERT_NOT_YET_VALID'],
  ] as const)('that %s says so', async (_what, validity, reason) => {
    expect(await factsOf(certificates.make({ subject: '/CN=client', validity }))).toMatchObject({ authorized: false, reason });
  });

  it('of nobody we know says so', async () => {
    expect(await factsOf(certificates.make({ subject: '/CN=stranger', selfSigned: true }))).toMatchObject({
      subject: 'CN=stranger',
      authorized: false,
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });
});
