// What is peculiar to the portable form: who uses it, and that it reads ahead, but not without end. All the rest stands in endpoint.test.ts.

import { afterAll, expect, it } from 'vitest';
import { TlsClientContexts, TlsContexts } from '../src/index.ts';
import { StreamEndpoint } from '../src/stream-endpoint.ts';
import { Certificates } from './certificates.ts';
import { SecurePair } from './secure-pair.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.make({ subject: '/CN=memory', names: 'DNS:memory' });
const client = new TlsClientContexts({ ca: certificates.root.certificate });

it('is a client always, and a server when asked for', async () => {
  const server = new TlsContexts({ certificates: [identity], form: 'sockets' });
  expect(server.form).toBe('sockets');
  const pair = await new SecurePair({ server, client }).secure();
  expect([pair.server.endpoint, pair.client.endpoint].every((endpoint) => endpoint instanceof StreamEndpoint)).toBe(true);
  expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
});

it('reads ahead while its owner does not read, and delivers that when he does', async () => {
  const server = new TlsContexts({ certificates: [identity], form: 'sockets' });
  const pair = await new SecurePair({ server, client, reading: false }).secure();
  pair.client.write('read ahead', pair.pool);
  await pair.settle();
  expect([pair.server.bytes, pair.innerServer.bytesIn > 1000]).toEqual([0, true]);
  pair.server.endpoint.setReading(true);
  await pair.until(() => pair.server.text === 'read ahead');
  expect(await pair.strike()).toEqual({ bytes: 0, handles: 0 });
});
