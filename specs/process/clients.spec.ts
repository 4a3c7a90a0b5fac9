// `sluice cert`, `serve`, `sub` and `pub` as the processes that people run, one behind the other in a shell: over WebSocket and the command
// protocol, in the clear and over TLS. What a pipe gets is plain lines; what a shell gets is an exit status.

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildGateway, gatewayScript, GatewayProcess, type Exit } from '../support/gateway-process.ts';
import { eventually } from '../support/running-gateway.ts';
import { tied, tiedCommand } from '../support/child-processes.ts';
import { patienceMs } from '../support/patience.ts';

let directory: string;
let gateway: GatewayProcess;
const clients: Client[] = [];
const at = (name: string): string => join(directory, name);

/** A client whose standard input can be written to. */
class Client {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  stdout = '';
  stderr = '';
  readonly exit: Promise<Exit>;

  constructor(...args: readonly string[]) {
    this.child = tied(spawn(...tiedCommand(process.execPath, [gatewayScript, ...args]), { stdio: ['pipe', 'pipe', 'pipe'], env: process.env }));
    this.child.stdout.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.exit = new Promise((done) => this.child.once('close', (code, signal) => done({ code, signal })));
    clients.push(this);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exit;
  }
}

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const client = new Client(...args);
  client.child.stdin.end();
  const { code } = await client.exit;
  return { code, stdout: client.stdout, stderr: client.stderr };
}

beforeAll(async () => {
  await buildGateway();
  directory = mkdtempSync(join(tmpdir(), 'sluice-clients-'));
  const made = await run('cert', '--dir', directory, '--client', 'ada');
  expect(made).toMatchObject({ code: 0, stderr: '' });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.kill();
  await gateway?.kill();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const tls = (): string[] => ['--tls-cert', at('server.pem'), '--tls-key', at('server.key')];
const thumbprints = (): string[] => {
  const { fingerprint256 } = new X509Certificate(readFileSync(at('ada.pem')));
  return ['--command-peers-thumbprints', JSON.stringify([{ name: 'Ada', thumbprint: fingerprint256 }])];
};
const identity = (): string[] => ['--cert', at('ada.pem'), '--key', at('ada.key')];

/** How many listen to the topic, by the gateway's own word. */
async function listening(topic: string): Promise<number> {
  const { url } = gateway.addresses.find(({ url: one }) => one.startsWith('http:')) ?? { url: gateway.url };
  const document = (await (await fetch(`${url}/topics/${topic}/presence`)).json()) as { subscriptions: number };
  return document.subscriptions;
}

async function untilListening(topic: string, count = 1): Promise<void> {
  for (const deadline = performance.now() + patienceMs(); (await listening(topic)) !== count; ) {
    if (performance.now() > deadline) throw new Error(`nobody listens to ${topic}: ${clients.map(({ stderr }) => stderr).join('|')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const secure = (): string[] => [...tls(), '--https', '127.0.0.1:0', '--command', '127.0.0.1:0', ...thumbprints()];

/** What a gateway serves, and by which of its addresses clients come to it, with which flags. */
const gateways = [
  { serves: () => ['--command', '127.0.0.1:0'], ways: [['ws', 'http', () => []], ['command', 'command tcp', () => []]] },
  { serves: secure, ways: [['wss', 'https', () => ['--ca', at('ca.pem')]], ['commands', 'command tls', () => ['--ca', at('ca.pem'), ...identity()]]] },
] as const;

it.each(gateways)('what is written to pub comes out of sub, line by line; both end with 0, and so does SIGINT: $ways.0.0, $ways.1.0', async ({ serves, ways }) => {
  gateway = await GatewayProcess.start(serves());
  for (const [name, scheme, flags] of ways) {
    const { url } = gateway.addresses.find((one) => one.scheme === scheme)!;
    const to = ['--url', `${name}://localhost:${new URL(url).port}`, ...flags()];
    const subscriber = new Client('sub', `${name}.>`, '--count', '5', ...to);
    const interrupted = new Client('sub', `${name}.a`, ...to);
    await untilListening(`${name}.a`, 2);
    const publisher = new Client('pub', `${name}.a`, ...to);
    publisher.child.stdin.write('one\ntwo words\n');
    for (const one of [subscriber, interrupted]) await eventually('the first two', () => one.stdout === 'one\ntwo words\n');
    interrupted.child.kill('SIGINT');
    expect(await interrupted.exit).toEqual({ code: 0, signal: null });
    publisher.child.stdin.end('\nGrüße\r\nno line end');
    expect(await publisher.exit).toEqual({ code: 0, signal: null });
    expect(await subscriber.exit).toEqual({ code: 0, signal: null });
    expect(subscriber.stdout).toBe('one\ntwo words\n\nGrüße\nno line end\n');
    expect([publisher.stdout, publisher.stderr, subscriber.stderr, interrupted.stderr]).toEqual(['', '', '', '']);
    await eventually('all have left in good order', () => gateway.lines.filter(({ log, reason, protocol }) => log === 'close' && reason === 'peerClosed' && protocol !== 'http').length >= 3);
  }
});

/** A port that is free now. Whoever restarts a server has to name one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it('through a restart of the server sub comes back and goes on, and pub delivers what it has', async () => {
  const [http, command] = [await freePort(), await freePort()];
  const flags = ['--http', `127.0.0.1:${http}`, '--command', `127.0.0.1:${command}`, '--admin', 'off', '--drain-retry-hint-ms', '50', '--drain-retry-jitter-ms', '0'];
  const serve = async (): Promise<void> => {
    gateway = new GatewayProcess(flags);
    await gateway.ready();
  };
  await serve();
  const pairs = [`ws://127.0.0.1:${http}`, `command://127.0.0.1:${command}`].map((url) => {
    const topic = new URL(url).protocol.slice(0, -1);
    return { topic, publish: () => new Client('pub', topic, '--url', url), subscriber: new Client('sub', topic, '--url', url) };
  });
  const publishers: Client[] = [];
  for (const { topic, publish, subscriber } of pairs) {
    await untilListening(topic);
    const publisher = publish();
    publishers.push(publisher);
    publisher.child.stdin.write('before\n');
    await eventually('the first', () => subscriber.stdout === 'before\n');
  }
  gateway.signal('SIGTERM');
  expect(await gateway.exit).toEqual({ code: 0, signal: null });
  // While nobody is there; it is sent when somebody is.
  for (const { child } of publishers) child.stdin.write('meanwhile\n');
  await serve();
  for (const [index, { topic, subscriber }] of pairs.entries()) {
    const publisher = publishers[index]!;
    // Who publishes over a WebSocket hears its topic, too.
    await untilListening(topic, topic === 'ws' ? 2 : 1);
    publisher.child.stdin.end('after\n');
    expect(await publisher.exit).toEqual({ code: 0, signal: null });
    await eventually('the last', () => subscriber.stdout.endsWith('after\n'));
    // Nothing comes twice, and nothing is missing but what may have come before it was back, at a server whose history is another.
    expect(subscriber.stdout).toMatch(/^before\n(?:meanwhile\n)?after\n$/);
    expect(subscriber.stderr).toMatch(/trying again in /);
    subscriber.child.kill('SIGINT');
    expect(await subscriber.exit).toEqual({ code: 0, signal: null });
  }
});

describe('what the shell is told', () => {
  it('1 where no gateway is, or none that can be trusted, in words', async () => {
    const port = await freePort();
    const nobody = await run('pub', 'news', 'hello', '--url', `ws://127.0.0.1:${port}`, '--retries', '1');
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toMatch(/^sluice: .*127\.0\.0\.1 port \d+.*ECONNREFUSED/);
    gateway = await GatewayProcess.start(secure());
    const of = (scheme: string): string => new URL(gateway.addresses.find((one) => one.scheme === scheme)!.url).port;
    const stranger = await run('pub', 'news', 'hello', '--url', `wss://localhost:${of('https')}`, '--retries', '1');
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toMatch(/self-signed|unable to verify|certificate/i);
    const unknown = await run('sub', 'news', '--url', `commands://localhost:${of('command tls')}`, '--ca', at('ca.pem'), '--retries', '1');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('No certificate was sent, but this is required, aborting.');
    for (const { stderr } of [nobody, stranger, unknown]) expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('2 where the arguments are wrong', async () => {
    const { code, stdout, stderr } = await run('sub', 'news', '--url', 'ftp://localhost', '--count', 'many');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--url');
  });
});

describe('check-config', () => {
  it('names everything that is wrong with TLS and with addresses at once, with 2', async () => {
    copyFileSync(at('server.pem'), at('copy.pem'));
    const flags = ['--tls-cert', at('copy.pem'), '--tls-key', at('ca.key'), '--tls-ca', at('nowhere.pem'), '--tls-min-version', 'TLSv1.1', '--command', 'nonsense'];
    const { code, stdout, stderr } = await run('check-config', ...flags);
    expect([code, stdout]).toEqual([2, '']);
    for (const named of ['--tls-min-version', '--command']) expect(stderr).toContain(named);
    const files = await run('check-config', ...flags.slice(0, 6));
    expect([files.code, files.stdout]).toEqual([2, '']);
    expect(files.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining('is not the key of'), expect.stringContaining('nowhere.pem cannot be read')]);
  });
});
