// The command listeners as a part of the whole gateway: beside HTTP over one hub, in lists and logs, in reloads, drains and failed starts.

import { X509Certificate } from 'node:crypto';
import { MemoryNetwork } from '@sluice/transport-memory';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ListenersFailed } from '../../src/listeners-failed.ts';
import type { MadeCertificate } from '../../src/cli/cert-maker.ts';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory, loadedOf } from '../in-memory/gateway.ts';
import { SecureClient } from '../in-memory/secure-client.ts';
import { issue, type IssuedFiles } from '../tls/certificates.ts';
import { ok, request } from './commands-in-memory.ts';

let running: GatewayInMemory;
let issued: IssuedFiles;
let ada: MadeCertificate;

beforeAll(async () => {
  issued = await issue();
  await issued.add('one', ['localhost']);
  // The gateway's own clock stands at 1970 here.
  ada = await issued.issuer.client('ada', { nowMs: 0, days: 5 });
});

afterEach(() => running.stop());

const settings = { command: ['127.0.0.1:0'] };

function greeted(): MemoryClient {
  const client = running.connect(running.gateway.command[0]!);
  running.pass(20);
  expect(client.received).toBe('OK\r\n');
  client.received = '';
  return client;
}

function ask(client: MemoryClient, text: string): string {
  client.received = '';
  client.send(text);
  running.pass(20);
  return client.received;
}

describe('Command listeners', () => {
  it('serve the same topics as HTTP does', async () => {
    running = await GatewayInMemory.start(settings);
    const client = greeted();
    ask(client, request('SUBSCRIBE news', 1));
    client.received = '';
    const http = running.connect();
    http.send('POST /topics/news HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello');
    expect(http.reply()).toContain('"offset":1');
    running.pass(20);
    expect(client.received).toMatch(/^MSG news\r\nOffset: 1\r\nEpoch: t\w+\r\nSize: 5\r\n\r\nhello$/);
    expect(ask(client, request('PUBLISH news', 2, 'there'))).toContain('"offset":2');
    const history = http.request('GET /topics/news?limit=1');
    expect(history).toContain('"data":"there"');
    expect(running.connectAdmin().request('GET /connections?protocol=command')).toMatch(/"matched":1,.*"protocol":"command",.*"topics":\["news"\]/);
    expect(running.gateway.metrics.format()).toContain('sluice_connections{state="established",protocol="command"} 1');
  });

  it('say goodbye when the gateway drains', async () => {
    running = await GatewayInMemory.start({ ...settings, drain: { retryHintMs: 250, retryJitterMs: 0 } });
    const client = greeted();
    await running.run(running.gateway.drain);
    expect(client.received).toBe('BYE: The gateway is stopping.\r\nRetry-After-Ms: 250\r\nSize: 0\r\n\r\n');
    expect(client.isClosed).toBe(true);
  });

  it('take their settings from the configuration', async () => {
    const commandPeers = { maxMessageBytes: 100, maxInFlight: 1, maxReminders: 1, idleTimeoutMs: 60_000 };
    running = await GatewayInMemory.start({ ...settings, commandPeers, limits: { maxSubscriptionsPerConnection: 1, maxTopicTokens: 2 } });
    const client = greeted();
    expect(ask(client, request('REMIND 1', 1) + request('PING', 2))).toBe('');
    running.pass(1000);
    expect(client.received).toBe(ok(1) + ok(2));
    expect(ask(client, request('SUBSCRIBE a.b.c', 1))).toMatch(/^ERR/);
    expect(ask(client, request('SUBSCRIBE a', 1) + request('SUBSCRIBE b', 2))).toMatch(/^OK[^]*ERR: A connection may have 1 subscriptions\./);
    expect(ask(client, request('ECHO', 1, 'x'.repeat(100)))).toMatch(/^ERR: The message is too large\./);
    const idle = greeted();
    running.pass(121_000);
    expect(idle.received).toMatch(/^BYE: Nothing was sent for too long\./);
  });
});

describe('Over TLS', () => {
  const thumbprint = (certificate: MadeCertificate) => new X509Certificate(certificate.certificate).fingerprint;
  const secureSettings = (peers: readonly object[]) => ({ ...settings, tls: { cert: 'one.pem', key: 'one.key' }, commandPeers: { thumbprints: peers } });

  async function connect(): Promise<SecureClient> {
    const client = await SecureClient.connect(running.network, running.gateway.command[0]!, { ca: issued.root.certificate, identity: ada });
    return client.settled();
  }

  it('peers go by their names in lists and logs, and who they are is reloaded', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    const given = [{ thumbprint: thumbprint(ada), name: 'Ada' }];
    running = await GatewayInMemory.start(secureSettings([]), network, network.transport, issued.files);
    expect(await (await connect()).ask('', /ERR.*\n/)).toMatch(/^ERR: Unfamiliar certificate [0-9A-F]{40}\r\n$/);
    const { config, tls } = loadedOf(secureSettings(given), issued.files);
    expect(running.gateway.reload(config, tls)).toEqual([]);
    const client = await connect();
    expect(await client.ask('', /OK\r\n/)).toBe('OK\r\n');
    expect(running.connectAdmin().request('GET /connections?protocol=command')).toContain('"name":"Ada"');
    await client.ask(request('QUIT', 1), /OK/);
    const { gateway } = running;
    await client.until(() => gateway.registry.closes().get('served') === 1);
    expect((await running.lines()).filter(({ log }) => log === 'close')).toMatchObject([
      { protocol: 'command', reason: 'refused' },
      { protocol: 'command', reason: 'served', name: 'Ada' },
    ]);
  });

  it('settings that are fixed at start are named when they differ', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    running = await GatewayInMemory.start(secureSettings([]), network, network.transport, issued.files);
    const { config, tls } = loadedOf({ ...secureSettings([]), commandPeers: { maxInFlight: 5 }, command: [] }, issued.files);
    expect(running.gateway.reload(config, tls).sort()).toEqual(['command', 'commandPeers']);
  });
});

it('A start that fails names every address that could not be opened', async () => {
  running = await GatewayInMemory.start({ http: ['127.0.0.1:1'], admin: '127.0.0.1:2', command: ['127.0.0.1:3', '127.0.0.1:4'] });
  const again = { http: ['127.0.0.1:1'], admin: '127.0.0.1:5', command: ['127.0.0.1:3', '127.0.0.1:6'] };
  const failed = GatewayInMemory.start(again, running.network);
  await expect(failed).rejects.toThrow(ListenersFailed);
  await expect(failed).rejects.toMatchObject({ failures: [{ setting: 'http', error: { kind: 'addressInUse' } }, { setting: 'command', error: { kind: 'addressInUse' } }] });
  // What had been opened was closed again.
  const other = await GatewayInMemory.start({ http: ['127.0.0.1:7'], admin: '127.0.0.1:5', command: ['127.0.0.1:6'] }, running.network);
  await other.stop();
});
