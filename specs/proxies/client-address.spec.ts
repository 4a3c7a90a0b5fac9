// nginx and HAProxy in front of a gateway process: who the clients are to its rates, its log and its list of connections. Clients come
// from different loopback addresses, which are exempt from no rate here.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type OutgoingHttpHeaders } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FrontProxy, haproxyConfiguration, nginxConfiguration, nginxServer, type ProxyName } from '../support/front-proxy.ts';
import { buildGateway, GatewayProcess } from '../support/gateway-process.ts';
import { testAuthority } from '../support/secure.ts';

const token = 'secret';
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';
const [flooder, innocent] = ['127.0.0.2', '127.0.0.3'];

let gateway: GatewayProcess;
let proxy: FrontProxy | null = null;
let directory: string | null = null;

beforeAll(buildGateway, 120_000);
afterEach(async () => {
  await proxy?.stop();
  await gateway.kill();
  if (directory !== null) rmSync(directory, { recursive: true });
  [proxy, directory] = [null, null];
});

async function start(settings: Record<string, unknown>): Promise<void> {
  directory = mkdtempSync(join(tmpdir(), 'sluice-proxied-'));
  const file = join(directory, 'sluice.json');
  const limits = { exemptLoopback: false, peerMessagesPerSecond: 1, maxPeerMessageBurst: 5 };
  writeFileSync(file, JSON.stringify({ auth: { tokens: [token] }, limits, trustedProxies: ['127.0.0.1'], http: ['127.0.0.1:0'], admin: '127.0.0.1:0', ...settings }));
  gateway = new GatewayProcess(['--config', file]);
  await gateway.ready();
}

interface Asked {
  readonly port: number;
  readonly from: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** The authority that a gateway with TLS is verified by. */
  readonly ca?: string;
}

/** Publishes, over a connection of its own; answers the status. */
function post({ port, from, path = '/topics/news', headers = {}, ca }: Asked): Promise<number> {
  const options = { host: '127.0.0.1', port, path, method: 'POST', localAddress: from, agent: false as const, headers: { Authorization: `Bearer ${token}`, ...headers } };
  return new Promise((done, failed) => {
    const asked = ca === undefined ? request(options) : secureRequest({ ...options, ca, servername: 'localhost' });
    asked.once('error', failed);
    asked.once('response', (response) => {
      response.resume();
      response.once('end', () => done(response.statusCode!));
    });
    asked.end('hello');
  });
}

async function posts(count: number, asked: Asked): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push(await post(asked));
  return statuses;
}

/** Lines of requests, once there are so many. */
async function requestLines(count: number): Promise<Record<string, unknown>[]> {
  const found = (): Record<string, unknown>[] => gateway.lines.filter(({ log }) => log === 'request');
  await expect.poll(() => found().length, { timeout: 15_000 }).toBeGreaterThanOrEqual(count);
  return found();
}

/** One flooder is limited, whatever it claims to be; others are not. */
async function expectFairRates(asked: Omit<Asked, 'from'>, via: string): Promise<void> {
  const flood = await posts(12, { ...asked, from: flooder!, headers: { 'X-Forwarded-For': '192.0.2.66', Forwarded: 'for=192.0.2.67' } });
  expect(flood.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5);
  expect(flood.filter((status) => status === 429).length).toBeGreaterThan(0);
  expect(await posts(4, { ...asked, from: innocent! })).toEqual([200, 200, 200, 200]);
  const lines = await requestLines(16);
  expect(lines.slice(0, 12).every(({ peer }) => peer === flooder)).toBe(true);
  expect(lines.at(-1)).toMatchObject({ peer: innocent, via });
}

const xForwardedFor = (): Promise<FrontProxy> =>
  FrontProxy.start('nginx', (port, place) =>
    nginxConfiguration(
      place,
      nginxServer(
        place,
        port,
        `      proxy_pass http://127.0.0.1:${gateway.port};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`,
      ),
    ),
  );

describe('nginx with X-Forwarded-For', () => {
  it('one flooder is limited, and the others are not', async () => {
    await start({});
    proxy = await xForwardedFor();
    await expectFairRates({ port: proxy.port }, '127.0.0.1');
    expect((await requestLines(16)).at(-1)).toMatchObject({ proto: 'http' });
  });

  it('without trustedProxies all of them are one peer', async () => {
    await start({ trustedProxies: [] });
    proxy = await xForwardedFor();
    await posts(12, { port: proxy.port, from: flooder! });
    expect(await posts(3, { port: proxy.port, from: innocent! })).toContain(429);
  });

  it('a peer that is no trusted proxy is not believed', async () => {
    await start({ trustedProxies: ['127.0.0.9'] });
    const { port } = gateway;
    for (let i = 0; i < 8; i++) await post({ port, from: flooder!, headers: { 'X-Forwarded-For': `192.0.2.${i}` } });
    expect((await requestLines(8)).map(({ peer }) => peer)).toEqual(Array(8).fill(flooder));
  });
});

describe('nginx with Forwarded (RFC 7239)', () => {
  it('one flooder is limited, and the others are not', async () => {
    await start({ forwardedField: 'forwarded' });
    proxy = await FrontProxy.start('nginx', (port, place) =>
      nginxConfiguration(
        place,
        nginxServer(place, port, `      proxy_pass http://127.0.0.1:${gateway.port};\n      proxy_set_header Host $host;\n      proxy_set_header Forwarded "$http_forwarded, for=$remote_addr;proto=$scheme";`),
      ),
    );
    await expectFairRates({ port: proxy.port }, '127.0.0.1');
  });
});

describe('the PROXY protocol', () => {
  const senders: readonly (readonly [string, ProxyName, (port: number, directory: string, to: number) => string])[] = [
    ['HAProxy, version 1', 'haproxy', (port, _, to) => haproxyConfiguration(port, to, 'send-proxy')],
    ['HAProxy, version 2', 'haproxy', (port, _, to) => haproxyConfiguration(port, to, 'send-proxy-v2')],
    [
      'nginx, version 1',
      'nginx',
      (port, place, to) =>
        nginxConfiguration(place, `stream { server { listen 127.0.0.1:${port}; proxy_pass 127.0.0.1:${to}; proxy_protocol on; } }`, existsSync(streamModule) ? `load_module ${streamModule};` : ''),
    ],
  ];

  it.each(senders)('of %s: one flooder is limited, and the others are not', async (_, name, configure) => {
    await start({ proxyProtocol: ['127.0.0.1:0'] });
    proxy = await FrontProxy.start(name, (port, place) => configure(port, place, gateway.port));
    await expectFairRates({ port: proxy.port }, '127.0.0.1');
  });

  it('comes in front of TLS', async () => {
    const authority = await testAuthority();
    const made = await authority.issuer.server(['localhost', '127.0.0.1'], { nowMs: Date.now(), days: 365 });
    const files = authority.write('proxied', made);
    await start({ proxyProtocol: ['127.0.0.1:0'], tls: { cert: files.cert, key: files.key } });
    proxy = await FrontProxy.start('haproxy', (port) => haproxyConfiguration(port, gateway.port, 'send-proxy-v2'));
    await expectFairRates({ port: proxy.port, ca: readFileSync(authority.ca, 'utf8') }, '127.0.0.1');
  });

  it('comes in front of commands', async () => {
    await start({ insecure: true, command: ['127.0.0.1:0'], proxyProtocol: ['127.0.0.1:0'] });
    const commands = gateway.addresses.find(({ scheme }) => scheme.startsWith('command'))!;
    proxy = await FrontProxy.start('haproxy', (port) => haproxyConfiguration(port, Number(new URL(commands.url).port), 'send-proxy-v2'));
    const { port } = proxy;
    const text = await new Promise<string>((done, failed) => {
      let received = '';
      const socket = connect({ port, host: '127.0.0.1', localAddress: flooder! }, () => socket.write('QUIT\r\nSequence: 1\r\n\r\n'));
      socket.on('data', (data) => (received += String(data)));
      socket.once('error', failed);
      socket.once('close', () => done(received));
    });
    expect(text).toBe('OK\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\n');
    const closed = (): unknown => gateway.lines.find(({ log, protocol, peer }) => log === 'close' && protocol === 'command' && peer === flooder);
    await expect.poll(closed, { timeout: 15_000 }).toMatchObject({ via: '127.0.0.1' });
  });

  it('is asked of everyone: who comes without is closed, and the log says so', async () => {
    await start({ proxyProtocol: ['127.0.0.1:0'] });
    const text = await new Promise<string>((done, failed) => {
      let received = '';
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
      socket.on('data', (data) => (received += String(data)));
      socket.once('error', failed);
      socket.once('close', () => done(received));
    });
    expect(text).toBe('');
    await expect.poll(() => gateway.lines.find(({ log }) => log === 'warn'), { timeout: 15_000 }).toMatchObject({ peer: '127.0.0.1', reason: 'this is no PROXY header' });
  });
});
