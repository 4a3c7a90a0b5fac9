// TLSSockets that something else made, adopted.

import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, SecureSession, TransportError } from '@sluice/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeTransport } from '../src/index.ts';
import { until } from './set-up.ts';
import { selfSigned, TlsPeers } from './tls-peers.ts';

let peers: TlsPeers;
beforeAll(async () => {
  peers = await TlsPeers.open(selfSigned('/CN=server'));
});
afterAll(() => peers.close());

const pool = new Pool();
const transport = createNodeTransport({ pool });

interface Seen {
  /** What came, in order: bytes as text. */
  readonly events: string[];
  session: SecureSession | null;
  closed: TransportError | null | undefined;
}

function watch(endpoint: Endpoint): Seen {
  const seen: Seen = { events: [], session: null, closed: undefined };
  endpoint.attach({
    onSecure(session) {
      seen.session = session;
      seen.events.push('secure');
    },
    onBytes: (bytes, start, end) => void seen.events.push(Buffer.from(bytes.slice(start, end)).toString('latin1')),
    onEnd: () => void seen.events.push('end'),
    onProgress() {},
    onClose(error) {
      seen.closed = error;
    },
  });
  endpoint.setReading(true);
  return seen;
}

function say(endpoint: Endpoint, text: string): void {
  const brigade = new Brigade(pool);
  brigade.writeLatin1(text);
  endpoint.write(brigade);
}

describe('an adopted TLSSocket', () => {
  it('has its session at once, and tells it before what was read already', async () => {
    const { client, server } = await peers.pair({ servername: 'gateway.example' });
    const endpoint = transport.adopt(server, Buffer.from('first, '));
    expect(endpoint.secureSession).toMatchObject({ protocol: 'TLSv1.3', serverName: 'gateway.example' });
    const seen = watch(endpoint);
    expect(seen.events).toEqual([]);
    client.write('then');
    expect(await until(() => seen.events.length === 3)).toBe(true);
    expect(seen.events).toEqual(['secure', 'first, ', 'then']);
    expect(seen.session).toBe(endpoint.secureSession);
    let answer = '';
    client.on('data', (data) => (answer += String(data)));
    say(endpoint, 'answer');
    endpoint.shutdown();
    client.end();
    expect(await until(() => seen.closed !== undefined)).toBe(true);
    expect(seen.closed).toBeNull();
    expect(answer).toBe('answer');
    expect(seen.events.at(-1)).toBe('end');
    expect(endpoint.secureSession).toBe(seen.session);
  });

  it('may still have its handshake before it', async () => {
    const endpoint = transport.adopt(await connected());
    expect(endpoint.secureSession).toBeNull();
    const seen = watch(endpoint);
    expect(await until(() => seen.session !== null)).toBe(true);
    expect(endpoint.secureSession).toBe(seen.session);
    expect(seen.session?.peerCertificate).toMatchObject({ subject: 'CN=server', authorized: false });
    endpoint.abort();
    expect(await until(() => seen.closed !== undefined)).toBe(true);
  });

  it('never tells of a handshake to an owner that has closed it', async () => {
    const { client, server } = await peers.pair();
    const endpoint = transport.adopt(server, Buffer.from('unread'));
    const seen = watch(endpoint);
    endpoint.close();
    expect(await until(() => seen.closed !== undefined)).toBe(true);
    expect(seen.events).toEqual([]);
    client.destroy();
  });

  it('says when a handshake fails', async () => {
    const client = peers.client({ rejectUnauthorized: true });
    await new Promise((resolve) => client.once('connect', resolve));
    const seen = watch(transport.adopt(client));
    expect(await until(() => seen.closed !== undefined)).toBe(true);
    expect(seen.closed).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(seen.events).toEqual([]);
  });
});

/** A client's TLSSocket that is connected, with its handshake to come. */
async function connected() {
  const client = peers.client();
  await new Promise((resolve) => client.once('connect', resolve));
  return client;
}
