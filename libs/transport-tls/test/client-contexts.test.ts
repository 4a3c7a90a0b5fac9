// What clients' contexts decide: whom to trust, and which session to offer.

import { afterAll, describe, expect, it } from 'vitest';
import { TlsClientContexts, TlsContexts } from '../src/index.ts';
import { Certificates } from './certificates.ts';
import { SecurePair } from './secure-pair.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.make({ subject: '/O=Sluice/CN=memory', names: 'DNS:memory,IP:10.1.2.3' });
const expired = certificates.make({ subject: '/O=Sluice/CN=old', names: 'DNS:memory', validity: ['20200101000000Z', '20210101000000Z'] });
const ca = certificates.root.certificate;
const server = new TlsContexts({ certificates: [identity] });

/** Both ends after a handshake that succeeded or not. */
async function handshake(contexts: TlsContexts, client: TlsClientContexts, serverName = 'memory'): Promise<SecurePair> {
  const pair = new SecurePair({ server: contexts, client, serverName });
  await pair.until(() => pair.client.endpoint.secureSession !== null || pair.client.closed !== undefined);
  await pair.settle();
  return pair;
}

describe('the server is refused', () => {
  it.each([
    ['when its root is unknown', server, {}, 'memory', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['when it carries another name', server, { ca }, 'other.test', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['when it carries another address', server, { ca }, '10.9.9.9', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['when it has expired', new TlsContexts({ certificates: [expired] }), { ca }, 'memory', 'CERT_HAS_EXPIRED'],
  ])('%s', async (_when, contexts, options, serverName, code) => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const pair = await handshake(contexts, new TlsClientContexts({ ...options, maxVersion }), serverName);
      expect(pair.client.events).toEqual(['close']);
      expect(pair.client.closed).toMatchObject({ operation: 'handshake', kind: 'untrusted', code });
      expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
    }
  });

  it('by the owner alone, when that is asked for', async () => {
    const client = new TlsClientContexts({ ca, rejectUnauthorized: false });
    const pair = await handshake(server, client, 'other.test');
    expect(pair.client.endpoint.peerCertificate()).toMatchObject({ authorized: false, reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    await pair.strike();
  });
});

it('an address is checked and not sent', async () => {
  const pair = await handshake(server, new TlsClientContexts({ ca }), '10.1.2.3');
  expect(pair.client.endpoint.peerCertificate()?.authorized).toBe(true);
  expect(pair.server.endpoint.secureSession?.serverName).toBe(null);
  await pair.strike();
});

it('reload takes other settings, and forgets sessions', async () => {
  const client = new TlsClientContexts({ ca });
  for (const resumed of [false, true]) {
    const pair = await handshake(server, client);
    expect(pair.client.endpoint.secureSession?.resumed).toBe(resumed);
    await pair.strike();
  }
  client.reload({ ca });
  const pair = await handshake(server, client);
  expect(pair.client.endpoint.secureSession?.resumed).toBe(false);
  await pair.strike();
  expect(() => client.reload({ ca, identity: { certificate: expired.certificate, key: identity.key } })).toThrow(/mismatch/i);
  client.reload({});
  const refused = await handshake(server, client);
  expect(refused.client.closed?.kind).toBe('untrusted');
  await refused.strike();
});

it('keeps no session when told to keep none, and none of another server', async () => {
  const none = new TlsClientContexts({ ca, sessions: 0 });
  const one = new TlsClientContexts({ ca, rejectUnauthorized: false, sessions: 1 });
  const seen: (boolean | undefined)[] = [];
  for (const [client, name] of [[none, 'memory'], [none, 'memory'], [one, 'a.test'], [one, 'b.test'], [one, 'b.test'], [one, 'a.test']] as const) {
    const pair = await handshake(server, client, name);
    seen.push(pair.client.endpoint.secureSession?.resumed);
    await pair.strike();
  }
  expect(seen).toEqual([false, false, false, false, true, false]);
});
