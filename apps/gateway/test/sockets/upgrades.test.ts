import { afterEach, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

const good = ['Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
const without = (name: string): string[] => good.filter((field) => !field.startsWith(name));

it('accepts a handshake with the key’s answer (RFC 6455 section 1.3)', async () => {
  memory = await GatewayInMemory.start();
  const reply = memory.connect().request('GET /echo', ...good);
  expect(reply).toMatch(/^HTTP\/1\.1 101 /);
  expect(reply).toContain('\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
  expect(reply.match(/^connection: upgrade/gim)).toHaveLength(1);
  expect(reply.match(/^upgrade: websocket/gim)).toHaveLength(1);
});

it.each([
  ['the wrong version', 426, [...without('Sec-WebSocket-Version'), 'Sec-WebSocket-Version: 8'], 'versionUnsupported'],
  ['no key', 400, without('Sec-WebSocket-Key'), 'keyInvalid'],
  ['a key that is none', 400, [...without('Sec-WebSocket-Key'), 'Sec-WebSocket-Key: short'], 'keyInvalid'],
  ['a list of sub-protocols that is none', 400, [...good, 'Sec-WebSocket-Protocol: ,;'], 'protocolsInvalid'],
])('refuses %s with a problem that names it', async (_what, status, fields, code) => {
  memory = await GatewayInMemory.start();
  const client = memory.connect();
  const reply = client.request('GET /echo', ...fields);
  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(reply.split('\r\n\r\n')[1]!)).toMatchObject({ status, code });
  expect(client.request('GET /topics/news')).toMatch(/^HTTP\/1\.1 200 /);
});

it('chooses the first sub-protocol of the client that it speaks', async () => {
  memory = await GatewayInMemory.start();
  expect(memory.connect().request('GET /topics/a', ...good, 'Sec-WebSocket-Protocol: other, sluice.v1')).toContain('\r\nSec-WebSocket-Protocol: sluice.v1\r\n');
  expect(memory.connect().request('GET /topics/a', ...good, 'Sec-WebSocket-Protocol: other')).not.toContain('Sec-WebSocket-Protocol');
});

it('agrees on compression as the configuration says', async () => {
  memory = await GatewayInMemory.start();
  const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits';
  expect(memory.connect().request('GET /echo', ...good, offer)).toMatch(/\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover/);
  await memory.stop();
  memory = await GatewayInMemory.start({ compression: { enabled: false } });
  expect(memory.connect().request('GET /echo', ...good, offer)).not.toContain('Sec-WebSocket-Extensions');
});
