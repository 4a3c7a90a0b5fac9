// A command protocol over mutual TLS, its line 9 and how it is run: everything that is wrong is said at once when it starts, SIGHUP drops
// nobody, a drain says goodbye, and the gateway's own clients speak it.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandProcess, takeMessage, takeText } from '../../support/command-process.ts';
import { err, ok, request } from '../../support/command-wire.ts';
import { buildGateway, GatewayProcess } from '../../support/gateway-process.ts';
import { makePeer, type PeerCertificate } from '../../support/peer-certificates.ts';
import { testAuthority, tlsSettings } from '../../support/secure.ts';
import type { WirePeer } from '../../support/wire-peer.ts';

let ada: PeerCertificate;
let grace: PeerCertificate;
let directory: string;
let running: CommandProcess | null = null;
const at = (name: string): string => join(directory, name);

beforeAll(async () => {
  await buildGateway();
  const period = { nowMs: Date.now(), days: 10 };
  ada = await makePeer('ada', period);
  grace = await makePeer('grace', period);
});
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'sluice-running-'))));
afterEach(async () => {
  await running?.kill();
  running = null;
  rmSync(directory, { recursive: true, force: true });
});

async function start(settings: Record<string, unknown>): Promise<CommandProcess> {
  return (running = await CommandProcess.start(settings));
}

const only = (...peers: readonly (readonly [string, PeerCertificate])[]) => ({
  commandPeers: { thumbprints: peers.map(([name, { sha256 }]) => ({ name, thumbprint: sha256 })) },
});

async function expectText(peer: WirePeer, expected: string): Promise<void> {
  expect(await takeText(peer, expected.length)).toBe(expected);
}

async function ping(peer: WirePeer): Promise<void> {
  peer.send(request('PING', 'p'));
  await expectText(peer, ok('p'));
}

/** Reads to the end, which has to be in order. */
async function theEnd(peer: WirePeer): Promise<string> {
  const rest = await peer.rest();
  expect(peer.ending).toBe('fin');
  peer.end();
  return rest;
}

describe('9. one start-up structure (address, certificate, key, thumbprints, handlers), and every start-up failure reported at once', () => {
  async function refused(settings: Record<string, unknown>): Promise<{ code: number | null; problems: string[] }> {
    writeFileSync(at('c.json'), JSON.stringify(settings));
    const gateway = new GatewayProcess(['--config', at('c.json')]);
    const { code } = await gateway.exit;
    expect(gateway.stdout).toBe('');
    expect(gateway.stderr).not.toMatch(/^\s+at /m);
    // Beside them the log has lines of its own.
    return { code, problems: gateway.stderr.trimEnd().split('\n').filter((line) => !line.startsWith('{')) };
  }

  it('one structure is all it takes', async () => {
    const { port } = await start(only(['Ada', ada]));
    expect(port).toBeGreaterThan(0);
    await ping(await running!.greeted(ada));
  });

  it('settings: exit status 2, and each problem with its place', async () => {
    const { code, problems } = await refused({
      http: [],
      admin: 'off',
      command: ['127.0.0.1:7000', 'nowhere', '127.0.0.1:70000'],
      commandPeers: { thumbprints: [{ thumbprint: 'AB:CD', name: 'Ada' }, { thumbprint: ada.sha1 }], maxMessageBytes: 1, maxInFlight: 'many', nonsense: true },
    });
    expect(code).toBe(2);
    const text = problems.join('\n');
    for (const named of ['command', 'nowhere', '70000', 'commandPeers.thumbprints[0].thumbprint', 'commandPeers.thumbprints[1].name', 'maxMessageBytes', 'maxInFlight', 'nonsense']) {
      expect(text).toContain(named);
    }
    expect(problems.length).toBeGreaterThanOrEqual(6);
    for (const problem of problems) expect(problem.startsWith(at('c.json'))).toBe(true);
  });

  it('files: exit status 2, and each that cannot be used', async () => {
    const { cert, key } = (await tlsSettings()) as { cert: string; key: string };
    writeFileSync(at('text'), 'no certificate');
    const { code, problems } = await refused({
      http: [],
      admin: 'off',
      command: ['127.0.0.1:0'],
      tls: { cert, key: ada.files.key, certificates: [{ cert: at('text'), key }, { cert: at('gone.pem'), key: at('gone.key') }] },
    });
    expect(code).toBe(2);
    const text = problems.join('\n');
    expect(text).toContain(`${ada.files.key} is not the key of ${cert}`);
    expect(text).toContain(`${at('text')} holds no certificate in PEM`);
    for (const gone of ['gone.pem', 'gone.key']) expect(text).toContain(`${at(gone)} cannot be read: ENOENT`);
    expect(problems).toHaveLength(4);
  });

  it('addresses: exit status 1, and each that could not be opened', async () => {
    const taken = await Promise.all([0, 0, 0].map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }));
    const [http, ...commands] = taken.map((server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`) as [string, string, string];
    const { code, problems } = await refused({ http: [http], admin: 'off', command: ['127.0.0.1:0', ...commands], tls: await tlsSettings() });
    for (const server of taken) server.close();
    expect(code).toBe(1);
    expect(problems).toHaveLength(3);
    for (const [index, address] of [http, ...commands].entries()) {
      expect(problems[index]).toContain(`${address} is in use by another process`);
    }
  });

  it('an address that others reach, without TLS: refused, for nobody would be judged', async () => {
    const { code, problems } = await refused({ http: [], admin: 'off', command: ['0.0.0.0:0'] });
    expect(code).toBe(2);
    expect(problems.join('\n')).toMatch(/command.*0\.0\.0\.0/);
  });
});

describe('SIGHUP', () => {
  it('takes thumbprints and certificates anew, and drops nobody', async () => {
    const { issuer } = await testAuthority();
    const files = (await tlsSettings()) as { cert: string; key: string };
    const tls = { cert: at('server.pem'), key: at('server.key') };
    copyFileSync(files.cert, tls.cert);
    copyFileSync(files.key, tls.key);
    const { gateway } = await start({ tls, ...only(['Ada', ada]) });
    const peer = await running!.greeted(ada);
    peer.send(request('SUBSCRIBE news', 's') + request('REMIND 0.5 still waiting', 'r'));
    expect((await takeMessage(peer)).line).toBe('OK');
    const stranger = await running!.connect(grace);
    expect(await theEnd(stranger.peer)).toBe(`ERR: Unfamiliar certificate ${grace.hex}\r\n`);
    const renewed = await issuer.server(['localhost', '127.0.0.1'], { nowMs: Date.now(), days: 5 });
    writeFileSync(tls.cert, renewed.certificate);
    writeFileSync(tls.key, renewed.key);
    await running!.reload({ tls, ...only(['Grace', grace]) });
    // Who comes now is judged by the new ones, and shown the new certificate.
    const { socket, peer: known } = await running!.connect(grace);
    await expectText(known, 'OK\r\n');
    expect(socket.getPeerX509Certificate()!.fingerprint256).toBe(new X509Certificate(renewed.certificate).fingerprint256);
    expect(await theEnd((await running!.connect(ada)).peer)).toBe(`ERR: Unfamiliar certificate ${ada.hex}\r\n`);
    // Who was there stays, with subscriptions and what it waits for.
    known.send(request('PUBLISH news', 'n', 'after the reload'));
    // On a slow machine the time of the reminder may be up first.
    const both = [await takeMessage(peer), await takeMessage(peer)].toSorted((a, b) => a.line.localeCompare(b.line));
    expect(both).toMatchObject([
      { line: 'MSG news', body: 'after the reload' },
      { line: 'OK', body: 'still waiting' },
    ]);
    await ping(peer);
    expect(gateway.lines.find(({ message }) => message === 'configuration reloaded')).not.toHaveProperty('needRestart');
  });

  it('with a mistake changes nothing, and names it', async () => {
    const { gateway } = await start(only(['Ada', ada]));
    await running!.reload({ commandPeers: { thumbprints: [{ thumbprint: 'none', name: 'Grace' }] } });
    const problems = gateway.lines.filter(({ message }) => message === 'configuration not reloaded');
    expect(problems).toHaveLength(1);
    expect(problems[0]!['problem']).toContain('commandPeers.thumbprints[0].thumbprint');
    await ping(await running!.greeted(ada));
    expect(await theEnd((await running!.connect(grace)).peer)).toMatch(/^ERR: Unfamiliar/);
  });
});

describe('drain: BYE, then close', () => {
  const goodbye = (retryAfterMs: number): string => `BYE: The gateway is stopping.\r\nRetry-After-Ms: ${retryAfterMs}\r\nSize: 0\r\n\r\n`;

  it('everybody is told, at the pace of the configuration, and the gateway ends with 0', async () => {
    const drain = { connectionsPerSecond: 40, retryHintMs: 1234, retryJitterMs: 0 };
    const { gateway } = await start({ drain, ...only(['Ada', ada]) });
    const peers = await Promise.all(Array.from({ length: 30 }, () => running!.greeted(ada)));
    const started = performance.now();
    const times: number[] = [];
    const ends = peers.map(async (peer) => {
      const text = await theEnd(peer);
      times.push(performance.now() - started);
      return text;
    });
    gateway.signal('SIGTERM');
    expect(await Promise.all(ends)).toEqual(Array<string>(30).fill(goodbye(1234)));
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    // 30 at 40 a second, four at a time.
    expect(times.at(-1)).toBeGreaterThan(600);
    for (let index = 0; index + 12 < times.length; index++) expect(times[index + 12]! - times[index]!).toBeGreaterThan(100);
    expect(gateway.lines.at(-1)).toMatchObject({ message: 'stopped', drained: 30, aborted: 0 });
  });

  it('what waits for a reply gets one before, and what comes late is not begun', async () => {
    const { gateway } = await start({ drain: { retryHintMs: 0, retryJitterMs: 0 }, ...only(['Ada', ada]) });
    const peer = await running!.greeted(ada);
    peer.send(request('SUBSCRIBE news', 's') + request('REMIND 1000 never', 'r') + request('PUBLISH news', 'n', 'last'));
    for (const line of ['OK', 'MSG news', 'OK']) expect((await takeMessage(peer)).line).toBe(line);
    gateway.signal('SIGTERM');
    await expectText(peer, err('r', 'The connection ends before that time.'));
    peer.send(request('PUBLISH news', 'late', 'too late'));
    expect(await theEnd(peer)).toBe(goodbye(0));
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
  });
});

describe('sluice pub and sluice sub over the command protocol', () => {
  const spawned: GatewayProcess[] = [];
  afterEach(async () => {
    for (const one of spawned.splice(0)) await one.kill();
  });

  async function cli(command: string, identity: PeerCertificate, ...args: readonly string[]): Promise<GatewayProcess> {
    const { ca } = await testAuthority();
    const { cert, key } = identity.files;
    const child = new GatewayProcess([command, ...args, '--url', `commands://127.0.0.1:${running!.port}`, '--ca', ca, '--cert', cert, '--key', key]);
    spawned.push(child);
    return child;
  }

  it('what one publishes the other prints, and both end with 0', async () => {
    await start(only(['Ada', ada], ['Grace', grace]));
    const subscriber = await cli('sub', grace, 'news.*', '--count', '2');
    const connections = async (): Promise<string> => (await fetch(`${running!.adminUrl}/connections?protocol=command`)).text();
    while (!(await connections()).includes('"topics":["news.*"]'));
    for (const [topic, message] of [['news.a', 'grüße'], ['news.b', 'two words']] as const) {
      const publisher = await cli('pub', ada, topic, message);
      expect([await publisher.exit, publisher.stderr]).toEqual([{ code: 0, signal: null }, '']);
    }
    expect([await subscriber.exit, subscriber.stderr]).toEqual([{ code: 0, signal: null }, '']);
    expect(subscriber.stdout).toBe('grüße\ntwo words\n');
  });

  it('who is not let in says why, and ends with 1', async () => {
    await start(only(['Ada', ada]));
    const publisher = await cli('pub', grace, 'news', 'x');
    expect(await publisher.exit).toEqual({ code: 1, signal: null });
    expect(publisher.stderr).toContain(`Unfamiliar certificate ${grace.hex}`);
  });
});
