// The gateway over TLS on the network in memory: which certificate, which clients, which protocols, new certificates while it runs.

import { X509Certificate } from 'node:crypto';
import { MemoryNetwork } from '@sluice/transport-memory';
import { TlsClientContexts, type TlsClientOptions } from '@sluice/transport-tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SecureClient } from '../in-memory/secure-client.ts';
import { GatewayInMemory, loadedOf } from '../in-memory/gateway.ts';
import { issue, type IssuedFiles } from './certificates.ts';

let issued: IssuedFiles;
let client: { certificate: string; key: string };
let running: GatewayInMemory;

beforeAll(async () => {
  issued = await issue();
  await issued.add('one', ['localhost', 'one.example']);
  await issued.add('two', ['two.example', '*.two.example']);
  client = await issued.issuer.client('alice', { nowMs: Date.now(), days: 5 });
});
afterEach(() => running.stop());

const one = { cert: 'one.pem', key: 'one.key' };
const two = { cert: 'two.pem', key: 'two.key' };

async function start(tls: Record<string, unknown>, settings: Record<string, unknown> = {}): Promise<void> {
  const network = new MemoryNetwork({ seed: 1 });
  running = await GatewayInMemory.start({ tls: { ...one, ...tls }, ...settings }, network, network.transport, issued.files);
}

async function connect(options: TlsClientOptions = {}, serverName = 'localhost'): Promise<SecureClient> {
  const connected = await SecureClient.connect(running.network, running.gateway.https[0]!, { ca: issued.root.certificate, ...options }, serverName);
  return connected.settled();
}

const closes = async (): Promise<Record<string, unknown>[]> => (await running.lines()).filter(({ log }) => log === 'close');
const metric = (name: string): string[] => running.gateway.metrics.format().split('\n').filter((line) => line.startsWith(name));

describe('listeners', () => {
  it('those of http speak TLS when there is a certificate', async () => {
    await start({});
    expect(running.gateway.http).toEqual([]);
    expect(running.gateway.https).toHaveLength(1);
    const peer = await connect();
    expect(peer.session).toMatchObject({ protocol: 'TLSv1.3' });
    expect(await peer.request('GET /topics/news')).toMatch(/^HTTP\/1\.1 200 /);
    await running.stop();
    expect(running.gateway.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(running.loop.wheel.size).toBe(0);
  });

  it('those of http stay clear text beside those of https, over one hub', async () => {
    await start({}, { https: ['127.0.0.1:0'] });
    const clear = running.connect();
    expect(clear.request('POST /topics/news', 'Content-Length: 0')).toMatch(/^HTTP\/1\.1 200 /);
    const peer = await connect();
    expect(await peer.request('GET /topics/news')).toContain('"offset":1');
  });

  it('admin speaks TLS only where that is said', async () => {
    await start({});
    expect(running.connectAdmin().request('GET /healthz')).toMatch(/^HTTP\/1\.1 200 /);
    await running.stop();
    await start({ admin: true });
    const peer = await SecureClient.connect(running.network, running.gateway.admin!, { ca: issued.root.certificate });
    expect(await peer.request('GET /healthz')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answers in clear text to nobody', async () => {
    await start({});
    const clear = running.connect(running.gateway.https[0]);
    clear.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const turns = await SecureClient.connect(running.network, running.gateway.https[0]!, { ca: issued.root.certificate });
    await turns.until(() => clear.isClosed);
    expect(clear.received).not.toContain('HTTP');
    expect(await closes()).toMatchObject([{ reason: 'tlsFailed', error: expect.stringMatching(/^handshake failed: protocolError \(/) }]);
    expect(metric('sluice_tls_handshake_failures_total{reason="protocolError"}')).toEqual(['sluice_tls_handshake_failures_total{reason="protocolError"} 1']);
  });

  it('one connection too many is told so over TLS', async () => {
    await start({}, { limits: { maxConnections: 1 } });
    const first = await connect();
    expect(await first.request('GET /topics/news')).toMatch(/^HTTP\/1\.1 200 /);
    const second = await connect();
    await second.until(() => second.isClosed && running.gateway.registry.size === 1);
    expect(second.received).toMatch(/^HTTP\/1\.1 503 /);
    expect(second.error).toBeNull();
    expect(await closes()).toMatchObject([{ reason: 'overload' }]);
  });

  it('a handshake that takes too long is given up', async () => {
    await start({});
    const silent = running.connect(running.gateway.https[0]);
    running.pass(60_000);
    expect(silent.isClosed).toBe(true);
    expect(await closes()).toMatchObject([{ reason: 'handshakeTimeout' }]);
    expect(metric('sluice_tls_handshake_failures_total{reason="handshakeTimeout"}')[0]).toMatch(/ 1$/);
  });
});

describe('certificates', () => {
  it.each([
    ['one.example', 'one.example'],
    ['two.example', 'two.example'],
    ['a.two.example', 'two.example'],
    ['unknown.example', 'localhost'],
  ])('a client that asks for %s is shown that of %s', async (name, shown) => {
    await start({ certificates: [two] });
    const peer = await connect({ rejectUnauthorized: false }, name);
    expect(peer.session!.peerCertificate!.sha256).toBe(fingerprint(shown.startsWith('two') ? 'two' : 'one'));
  });

  it('new ones are for whoever comes from then on', async () => {
    await start({});
    const early = await connect();
    const next = loadedOf({ tls: two }, issued.files);
    expect(running.gateway.reload(next.config, next.tls)).toEqual([]);
    const late = await connect({}, 'two.example');
    expect(late.session!.peerCertificate!.sha256).toBe(fingerprint('two'));
    expect(await early.request('GET /topics/news')).toMatch(/^HTTP\/1\.1 200 /);
    expect((await running.lines()).filter(({ message }) => message === 'certificate')).toMatchObject([
      { file: 'one.pem', names: 'localhost one.example', validTo: expect.any(String) },
      { file: 'two.pem', names: 'two.example *.two.example' },
    ]);
  });

  it('tell when they expire, those in use only', async () => {
    await start({});
    const [line] = metric('sluice_tls_certificate_expiry_seconds');
    expect(line).toMatch(/^sluice_tls_certificate_expiry_seconds\{name="localhost",file="one.pem"\} \d+$/);
    expect(Math.abs(Number(line!.split(' ')[1]) - (Date.now() / 1000 + 100 * 24 * 3600))).toBeLessThan(600);
    const next = loadedOf({ tls: two }, issued.files);
    running.gateway.reload(next.config, next.tls);
    expect(metric('sluice_tls_certificate_expiry_seconds')).toEqual([expect.stringContaining('file="two.pem"')]);
  });

  it.each<[Record<string, unknown>, string[]]>([
    [{}, ['tls']],
    [{ tls: { ...one, admin: true } }, ['tls.admin']],
    [{ tls: { ...one, minVersion: 'TLSv1.3', tickets: false } }, []],
  ])('%j as the next settings: %j wait for a restart', async (settings, waiting) => {
    await start({});
    const next = loadedOf(settings, issued.files);
    expect(running.gateway.reload(next.config, next.tls)).toEqual(waiting);
    expect(await (await connect()).request('GET /topics/news')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("clients' certificates", () => {
  const required = { clientCertificate: 'require', ca: ['ca.pem'] };

  it('required: one that leads to the CA passes, and is logged', async () => {
    await start(required);
    const peer = await connect({ identity: client });
    await peer.request('GET /topics/news');
    const request = (await running.lines()).find(({ log }) => log === 'request');
    expect(request).toMatchObject({ tls: { protocol: 'TLSv1.3', serverName: 'localhost', client: 'O=Sluice, CN=alice' } });
    expect(running.gateway.registry.all().next().value!.endpoint.secureSession!.peerCertificate!.authorized).toBe(true);
  });

  it.each([
    ['none', () => ({})],
    ['one of another CA', async () => ({ identity: await (await issue()).issuer.client('mallory', { nowMs: Date.now(), days: 1 }) })],
  ])('required: %s does not', async (_, identity) => {
    await start(required);
    const peer = await connect(await identity());
    await peer.until(() => peer.isClosed);
    expect(peer.error).not.toBeNull();
    expect(running.gateway.registry.opened).toBe(1);
    expect(await closes()).toMatchObject([{ reason: 'tlsFailed', bytesIn: 0, error: expect.stringContaining('handshake failed') }]);
  });

  it('requested: anyone passes, and what is wrong with the certificate is logged', async () => {
    await start({ clientCertificate: 'request' });
    const peer = await connect({ identity: client });
    expect(await peer.request('GET /topics/news')).toMatch(/^HTTP\/1\.1 200 /);
    const request = (await running.lines()).find(({ log }) => log === 'request');
    expect(request).toMatchObject({ tls: { client: 'O=Sluice, CN=alice', clientRefusal: expect.stringMatching(/CERT/) } });
  });

  it("required, they guard as a token does: a public name is no page's trick", async () => {
    await start(required);
    const peer = await connect({ identity: client });
    expect(await peer.ask('GET /topics/news HTTP/1.1\r\nHost: public.example\r\n\r\n', /\r\n\r\n.+/s)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('not required, a public name is refused as in clear text', async () => {
    await start({});
    const peer = await connect();
    expect(await peer.ask('GET /topics/news HTTP/1.1\r\nHost: public.example\r\n\r\n', /\r\n\r\n.+/s)).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe('versions and protocols', () => {
  it.each<[TlsClientOptions, string | null]>([
    [{ alpn: ['h2', 'http/1.1'] }, 'http/1.1'],
    [{ alpn: ['http/1.0'] }, 'http/1.0'],
    [{}, null],
  ])('%j agrees on %s', async (options, alpn) => {
    await start({});
    expect((await connect(options)).session!.alpn).toBe(alpn);
  });

  it('HTTP/2 alone is refused by its name', async () => {
    await start({});
    const peer = await connect({ alpn: ['h2'] });
    expect(peer.error!.code).toMatch(/NO_APPLICATION_PROTOCOL/);
  });

  it('TLS 1.2 unless it is ruled out', async () => {
    await start({});
    expect((await connect({ maxVersion: 'TLSv1.2' })).session!.protocol).toBe('TLSv1.2');
    await running.stop();
    await start({ minVersion: 'TLSv1.3' });
    expect((await connect({ maxVersion: 'TLSv1.2' })).error!.operation).toBe('handshake');
  });

  it('a session is resumed by its ticket, unless there are none', async () => {
    await start({ minVersion: 'TLSv1.3' });
    expect(await resumes()).toBe(true);
    await running.stop();
    await start({ minVersion: 'TLSv1.3', tickets: false });
    expect(await resumes()).toBe(false);
  });
});

async function resumes(): Promise<boolean> {
  const contexts = new TlsClientContexts({ ca: issued.root.certificate });
  const first = await SecureClient.connect(running.network, running.gateway.https[0]!, contexts);
  await first.request('GET /topics/news');
  first.close();
  const second = await SecureClient.connect(running.network, running.gateway.https[0]!, contexts);
  return (await second.settled()).session!.resumed;
}

function fingerprint(name: 'one' | 'two'): string {
  return new X509Certificate(issued.files[`${name}.pem`]!).fingerprint256.replaceAll(':', '');
}
