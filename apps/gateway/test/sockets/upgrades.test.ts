// The opening handshake as the gateway answers it: RFC 6455 §4.2, and RFC 7692 §7.1 for compression.

import { constants, inflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

const statusOf = (reply: string): number => Number(reply.slice(9, 12));
const field = (reply: string, name: string): string | undefined => new RegExp(`^${name}: (.*)\r$`, 'im').exec(reply)?.[1];

describe('a good handshake', () => {
  it('is answered with the key’s other half, and nothing that was not asked for', async () => {
    running = await GatewayInMemory.start();
    const reply = running.connect().upgrade('/echo');
    expect(field(reply, 'Upgrade')).toBe('websocket');
    expect(field(reply, 'Connection')).toBe('upgrade');
    expect(reply.match(/^(?:upgrade|connection):/gim)).toHaveLength(2);
    // RFC 6455 §1.3, the same key.
    expect(field(reply, 'Sec-WebSocket-Accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(field(reply, 'Sec-WebSocket-Protocol')).toBeUndefined();
    expect(field(reply, 'Sec-WebSocket-Extensions')).toBeUndefined();
  });

  it.each([
    ['a, sluice.v1, b', 'sluice.v1'],
    ['b, sluice.v1', 'b'],
    ['a', undefined],
  ])('of a client that speaks %s agrees on %s', async (offered, chosen) => {
    running = await GatewayInMemory.start({ subprotocols: ['sluice.v1', 'b'] });
    const reply = running.connect().upgrade('/topics/a', `Sec-WebSocket-Protocol: ${offered}`);
    expect(field(reply, 'Sec-WebSocket-Protocol')).toBe(chosen);
  });

  it('may be followed by frames at once', async () => {
    running = await GatewayInMemory.start();
    const client = running.connect();
    const handshake = ['Host: h', 'Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    client.send(`${['GET /echo HTTP/1.1', ...handshake].join('\r\n')}\r\n\r\n\x81\x82\0\0\0\0hi`);
    expect(statusOf(client.reply())).toBe(101);
    expect(client.messages(1)).toEqual(['hi']);
  });

  it('holds the socket to the configured size of messages', async () => {
    running = await GatewayInMemory.start({ limits: { maxMessageBytes: 10 } });
    const client = running.connect();
    client.upgrade('/echo');
    client.sendFrame('x'.repeat(10));
    client.sendFrame('x'.repeat(11));
    running.pass(1);
    expect(client.frames()).toMatchObject([{ opcode: 1 }, { opcode: 8, payload: expect.stringContaining('\x03\xf1') }]);
  });
});

it('closes the socket over a message in more fragments than limits.maxFragments, and names the limit', async () => {
  running = await GatewayInMemory.start({ limits: { maxFragments: 2 } });
  const client = running.connect();
  client.upgrade('/echo');
  client.send('\x01\x81\0\0\0\0a\x80\x81\0\0\0\0b');
  client.send('\x01\x81\0\0\0\0a\x00\x81\0\0\0\0b\x80\x81\0\0\0\0c');
  running.pass(1);
  expect(client.frames()).toMatchObject([{ opcode: 1, payload: 'ab' }, { opcode: 8, payload: '\x03\xf1message in more fragments than maxFragments' }]);
});

describe('a handshake that is none', () => {
  const good = { Upgrade: 'websocket', Connection: 'upgrade', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };

  it.each([
    [{ Upgrade: 'other' }, 426, 'upgradeMissing'],
    [{ 'Sec-WebSocket-Version': '8' }, 426, 'versionUnsupported'],
    [{ 'Sec-WebSocket-Key': 'short' }, 400, 'keyInvalid'],
    [{ 'Sec-WebSocket-Key': '' }, 400, 'keyInvalid'],
    [{ 'Sec-WebSocket-Protocol': 'a b' }, 400, 'protocolsInvalid'],
    [{ 'Sec-WebSocket-Extensions': ';' }, 400, 'extensionsInvalid'],
  ])('%j: %i %s, and the connection goes on', async (wrong, status, code) => {
    running = await GatewayInMemory.start();
    const client = running.connect();
    const fields = Object.entries({ ...good, ...wrong }).map(([name, value]) => `${name}: ${value}`);
    const reply = client.request('GET /echo', ...fields);
    expect(statusOf(reply)).toBe(status);
    expect(JSON.parse(reply.slice(reply.indexOf('\r\n\r\n')))).toMatchObject({ status, code });
    if (code === 'versionUnsupported') expect(field(reply, 'Sec-WebSocket-Version')).toBe('13');
    client.upgrade('/echo');
  });
});

describe('compression', () => {
  const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits';
  const long = 'to be said again and again, '.repeat(100);

  it('is agreed on as configured, and used for what is long enough', async () => {
    running = await GatewayInMemory.start({ compression: { serverMaxWindowBits: 10, clientMaxWindowBits: 9, minBytes: 100 } });
    const client = running.connect();
    expect(field(client.upgrade('/echo', offer), 'Sec-WebSocket-Extensions')?.split('; ').toSorted()).toEqual([
      'client_max_window_bits=9',
      'client_no_context_takeover',
      'permessage-deflate',
      'server_max_window_bits=10',
      'server_no_context_takeover',
    ]);
    client.sendFrame(long);
    running.pass(1);
    const [first, length] = [client.received.charCodeAt(0), client.received.charCodeAt(1)];
    expect([first, length < 126]).toEqual([0xc1, true]);
    const deflated = Buffer.from(client.received.slice(2, 2 + length), 'latin1');
    expect(inflateRawSync(Buffer.concat([deflated, Buffer.of(0, 0, 0xff, 0xff)]), { finishFlush: constants.Z_SYNC_FLUSH }).toString()).toBe(long);
    client.received = '';
    const short = 'a'.repeat(99);
    client.sendFrame(short);
    expect(client.messages(1)).toEqual([short]);
  });

  it.each([
    ['it is not offered', {}, []],
    ['it is turned off', { compression: { enabled: false } }, [offer]],
  ])('is left out when %s', async (_when, settings, fields) => {
    running = await GatewayInMemory.start(settings);
    const client = running.connect();
    expect(field(client.upgrade('/echo', ...fields), 'Sec-WebSocket-Extensions')).toBeUndefined();
    client.sendFrame(long);
    expect(client.messages(1)).toEqual([long]);
  });
});
