// RFC 6455 §4: the opening handshake, and RFC 7692 §5 and §7.1: what is agreed on compression.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WirePeer } from '../support/wire-peer.ts';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { isOverTls } from '../support/secure.ts';
import { acceptOf, frame, opcodes, openSocket, sampleKey } from '../support/websocket-wire.ts';

let running: RunningGateway;
let peer: WirePeer;
beforeAll(async () => {
  running = await runGateway({ config: { origins: ['https://app.example.com'] } });
});
afterEach(() => peer?.destroy());
afterAll(() => running.stop());

const good: Readonly<Record<string, string>> = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': sampleKey,
  'Sec-WebSocket-Version': '13',
};

async function shake(changes: Readonly<Record<string, string | null>>, line = 'GET /echo HTTP/1.1') {
  peer = await WirePeer.connect(running.port);
  const fields = Object.entries({ ...good, ...changes }).filter(([, value]) => value !== null);
  peer.request(line, ...fields.map(([name, value]) => `${name}: ${value}`));
  return peer.reply();
}

describe('4.2.2 a handshake that is taken', () => {
  it('is answered with the key of section 1.3, and nothing that was not asked for', async () => {
    const { status, headers } = await shake({});
    expect(status).toBe(101);
    expect(headers.get('sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(headers.get('upgrade')?.toLowerCase()).toBe('websocket');
    expect(headers.get('connection')?.toLowerCase()).toBe('upgrade');
    for (const absent of ['sec-websocket-protocol', 'sec-websocket-extensions', 'content-length', 'transfer-encoding']) expect(headers.has(absent)).toBe(false);
  });

  it.each<[Record<string, string>]>([
    [{ Upgrade: 'WebSocket' }],
    [{ Upgrade: 'foo, websocket' }],
    [{ Connection: 'keep-alive, upgrade' }],
    [{ Origin: isOverTls() ? 'https://spec' : 'http://spec' }],
    [{ Origin: 'https://app.example.com' }],
    [{ 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' }],
  ])('%j is good', async (changes) => {
    const { status, headers } = await shake(changes);
    expect(status).toBe(101);
    expect(headers.get('sec-websocket-accept')).toBe(acceptOf({ ...good, ...changes }['Sec-WebSocket-Key']!));
  });

  it('frames that come in the packet of the handshake are not lost', async () => {
    peer = await WirePeer.connect(running.port);
    const head = ['GET /echo HTTP/1.1', 'Host: spec', ...Object.entries(good).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
    peer.send(Buffer.concat([Buffer.from(head), frame({ opcode: opcodes.text, payload: 'early' })]));
    expect((await peer.reply()).status).toBe(101);
    expect((await peer.frame()).payload.toString()).toBe('early');
  });

  it('behind a pipelined request it waits for its turn', async () => {
    peer = await WirePeer.connect(running.port);
    peer.request('GET /topics/news HTTP/1.1');
    await openSocketBehind();
    peer.sendFrame({ opcode: opcodes.text, payload: 'hi' });
    expect((await peer.frame()).payload.toString()).toBe('hi');
  });

  async function openSocketBehind(): Promise<void> {
    const fields = Object.entries(good).map(([name, value]) => `${name}: ${value}`);
    peer.request('GET /echo HTTP/1.1', ...fields);
    expect((await peer.reply()).status).toBe(200);
    expect((await peer.reply()).status).toBe(101);
  }
});

describe('4.2.1 and 4.4 a handshake that is refused', () => {
  it.each<[string, Record<string, string | null>, number, string]>([
    ['no key', { 'Sec-WebSocket-Key': null }, 400, 'keyInvalid'],
    ['a short key', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }, 400, 'keyInvalid'],
    ['a key that is no base64', { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }, 400, 'keyInvalid'],
    ['version 8', { 'Sec-WebSocket-Version': '8' }, 426, 'versionUnsupported'],
    ['no version', { 'Sec-WebSocket-Version': null }, 426, 'versionUnsupported'],
    ['no Upgrade', { Upgrade: null }, 426, 'upgradeMissing'],
    ['another protocol', { Upgrade: 'h2c' }, 426, 'upgradeMissing'],
    ['an empty list of sub-protocols', { 'Sec-WebSocket-Protocol': '' }, 400, 'protocolsInvalid'],
    ['extensions beyond the grammar', { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' }, 400, 'extensionsInvalid'],
  ])('%s', async (_, changes, status, code) => {
    const reply = await shake(changes);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(reply.body.toString())).toMatchObject({ status, code });
    if (code === 'versionUnsupported') expect(reply.headers.get('sec-websocket-version')).toBe('13');
    if (status === 426) expect(reply.headers.get('upgrade')?.toLowerCase()).toBe('websocket');
  });

  it('no Connection: Upgrade is no upgrade', async () => {
    const reply = await shake({ Connection: 'keep-alive' });
    expect([400, 426]).toContain(reply.status);
  });

  it('another method than GET', async () => {
    const reply = await shake({ 'Content-Length': '0' }, 'POST /echo HTTP/1.1');
    expect(reply.status).toBe(405);
    expect(reply.headers.get('allow')).toBe('GET, OPTIONS');
  });

  it('HTTP/1.0', async () => {
    const reply = await shake({}, 'GET /echo HTTP/1.0');
    expect([400, 426]).toContain(reply.status);
  });

  it.each(['https://evil.example.com', 'null', 'http://spec:81'])('the origin %s: 403', async (origin) => {
    expect((await shake({ Origin: origin })).status).toBe(403);
    peer.destroy();
    expect((await shake({ Origin: origin }, 'GET /topics/news HTTP/1.1')).status).toBe(403);
  });

  it('a topic that is none, and a position that is none: 400', async () => {
    for (const target of ['/topics/a..b', '/topics/news?since=x', '/topics/news.*?since=t0:1']) {
      expect((await shake({}, `GET ${target} HTTP/1.1`)).status).toBe(400);
      peer.destroy();
    }
  });

  it('the connection lives on after a refusal', async () => {
    await shake({ 'Sec-WebSocket-Version': '12' });
    peer.request('GET /topics/news HTTP/1.1');
    expect((await peer.reply()).status).toBe(200);
  });
});

describe('1.9 sub-protocols', () => {
  it.each([
    ['sluice.v1', 'sluice.v1'],
    ['other, sluice.v1', 'sluice.v1'],
    ['other', undefined],
  ])('of %j is chosen %j', async (offered, chosen) => {
    const { status, headers } = await shake({ 'Sec-WebSocket-Protocol': offered }, 'GET /topics/news HTTP/1.1');
    expect(status).toBe(101);
    expect(headers.get('sec-websocket-protocol')).toBe(chosen);
  });
});

describe('RFC 7692 §7.1 what is agreed', () => {
  it.each<[string, string | undefined]>([
    ['permessage-deflate', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10'],
    ['permessage-deflate; client_max_window_bits=9', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=9'],
    ['permessage-deflate; server_max_window_bits=8', undefined],
    ['permessage-deflate; server_max_window_bits=8, permessage-deflate', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
    ['permessage-deflate; server_max_window_bits=16', undefined],
    ['permessage-deflate; server_max_window_bits', undefined],
    ['permessage-deflate; unknown', undefined],
    ['permessage-deflate; client_no_context_takeover; client_no_context_takeover', undefined],
    ['x-other', undefined],
  ])('%s', async (offer, answer) => {
    peer = await WirePeer.connect(running.port);
    const { headers } = await openSocket(peer, '/echo', `Sec-WebSocket-Extensions: ${offer}`);
    expect(headers.get('sec-websocket-extensions')).toBe(answer);
  });

  it('nothing where compression is off', async () => {
    const plain = await runGateway({ config: { compression: { enabled: false } } });
    peer = await WirePeer.connect(plain.port);
    const { headers } = await openSocket(peer, '/echo', 'Sec-WebSocket-Extensions: permessage-deflate');
    expect(headers.has('sec-websocket-extensions')).toBe(false);
    peer.destroy();
    await plain.stop();
  });
});
