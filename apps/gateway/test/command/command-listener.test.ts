import { createHash, X509Certificate } from 'node:crypto';
import { secureTransport, TlsContexts, type TlsVersion } from '@sluice/transport-tls';
import { MemoryNetwork } from '@sluice/transport-memory';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Issuer, makeAuthority, type MadeCertificate } from '../../src/cli/cert-maker.ts';
import { overloadRefusal } from '../../src/command/command-listener.ts';
import { CommandPeers } from '../../src/command/command-peers.ts';
import { SecureClient } from '../in-memory/secure-client.ts';
import { CommandsInMemory, ok, request } from './commands-in-memory.ts';

const day = 24 * 3600 * 1000;
const nowMs = Date.now();
let server: MadeCertificate;
const certificates = new Map<string, MadeCertificate>();

beforeAll(async () => {
  const issuer = await Issuer.of(await makeAuthority({ nowMs: nowMs - 200 * day, days: 1000 }));
  server = await issuer.server(['localhost'], { nowMs, days: 10 });
  certificates.set('good', await issuer.client('good', { nowMs, days: 10 }));
  certificates.set('unknown', await issuer.client('unknown', { nowMs, days: 10 }));
  certificates.set('expired', await issuer.client('expired', { nowMs: nowMs - 100 * day, days: 10 }));
  certificates.set('future', await issuer.client('future', { nowMs: nowMs + 100 * day, days: 10 }));
});

const sha1Of = (name: string) => createHash('sha1').update(new X509Certificate(certificates.get(name)!.certificate).raw).digest('hex');

let commands: CommandsInMemory;

async function start(): Promise<CommandPeers> {
  const network = new MemoryNetwork({ seed: 1 });
  const peers = new CommandPeers(['good', 'expired', 'future'].map((name) => ({ thumbprint: sha1Of(name), name })));
  const contexts = new TlsContexts({ certificates: [server], clientCertificate: 'request' });
  commands = await CommandsInMemory.start({ network, peers, wallClock: () => nowMs, transport: secureTransport(network.transport, { server: contexts }) });
  return peers;
}

afterEach(async () => {
  expect(await commands.stop()).toBe(0);
  expect(commands.crashes).toEqual([]);
});

function connect(name: string, version: TlsVersion): Promise<SecureClient> {
  const identity = certificates.get(name);
  return SecureClient.connect(commands.network, commands.address, {
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ...(identity !== undefined && { identity }),
  });
}

const refusals: readonly (readonly [name: string, text: () => string])[] = [
  ['none', () => 'No certificate was sent, but this is required, aborting.'],
  ['expired', () => 'Certificate expired'],
  ['future', () => "Certificate isn't valid yet"],
  ['unknown', () => `Unfamiliar certificate ${sha1Of('unknown').toUpperCase()}`],
];

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('Over %s', (version) => {
  it('a peer whose certificate is known is greeted, and goes by its name', async () => {
    await start();
    const client = await connect('good', version);
    expect(await client.ask(request('ECHO early', 1), /early$/)).toBe(`OK\r\n${ok(1, 'early')}`);
    const reply = await client.ask(request('SUBSCRIBE t', 2) + request('PRESENCE t', 3), /complete.*}$/);
    expect(reply).toContain('"info":{"protocol":"command","name":"good"}');
    await client.ask(request('QUIT', 4), /OK/);
    await client.until(() => client.isClosed && commands.closes.length > 0);
    expect(commands.closes).toEqual(['served']);
  });

  it.each(refusals)('a certificate that is %s gets ERR and the end, though requests came with the handshake', async (name, text) => {
    await start();
    const client = await connect(name, version);
    const received = await client.ask(request('PUBLISH t', 1, 'x').repeat(100), /ERR: .*\r\n$/);
    await client.until(() => client.isClosed && commands.closes.length > 0);
    expect(received + client.received).toBe(`ERR: ${text()}\r\n`);
    expect(client.error).toBeNull();
    expect(commands.closes).toEqual(['refused']);
    expect(commands.hub.stats().publications).toBe(0);
  });
});

it('Who is let in is looked up anew for each connection', async () => {
  const peers = await start();
  const before = await connect('good', 'TLSv1.3');
  expect(await before.ask('', /OK/)).toBe('OK\r\n');
  peers.replace([{ thumbprint: sha1Of('unknown'), name: 'Newcomer' }]);
  const after = await connect('good', 'TLSv1.3');
  expect(await after.ask('', /ERR.*\n/)).toMatch(/^ERR: Unfamiliar/);
  const newcomer = await connect('unknown', 'TLSv1.3');
  expect(await newcomer.ask('', /OK/)).toBe('OK\r\n');
  expect(await before.ask(request('PING', 1), /Size/)).toContain('OK');
});

it('In the clear nobody is judged', async () => {
  commands = await CommandsInMemory.start({ peers: new CommandPeers([]) });
  expect(commands.body(commands.connect(), 'PING')).toBe('');
});

it('The answer to one too many in the clear is a refusal of the protocol', () => {
  expect(Buffer.from(overloadRefusal).toString()).toMatch(/^ERR: [^\r\n]+\r\n$/);
});
