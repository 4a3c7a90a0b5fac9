// A WebSocket's request as a proxy leaves it that does not pass on Upgrade and Connection (RFC 9110 sections 7.6.1 and 15.5.22).

import { afterEach, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const version = 'Sec-WebSocket-Version: 13';

it.each([
  ['without both fields', [key, version]],
  ['without Connection', [key, version, 'Upgrade: websocket', 'Connection: keep-alive']],
  ['without Upgrade', [key, version, 'Connection: Upgrade']],
  ['with the version alone', [version]],
  ['of a browser, by its mode', ['Sec-Fetch-Mode: websocket']],
  ['of a browser, by its destination', ['Sec-Fetch-Dest: websocket']],
])('a request %s is answered 426 with what to set', async (_how, fields) => {
  running = await GatewayInMemory.start();
  const client = running.connect();
  for (const path of ['/topics/news', '/echo']) {
    const reply = client.request(`GET ${path}`, ...fields);
    expect(reply).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    expect(reply).toMatch(/^Upgrade: websocket\r$/im);
    expect(reply).toMatch(/^Connection: Upgrade\r$/im);
    expect(reply).toContain('proxy_set_header Upgrade $http_upgrade;');
    expect(reply).toContain('"code":"upgradeMissing"');
  }
});

it('what a proxy makes of it in HTTP/1.0 is answered alike', async () => {
  running = await GatewayInMemory.start();
  const client = running.connect();
  client.send(`GET /topics/news HTTP/1.0\r\nHost: memory\r\n${key}\r\n${version}\r\nConnection: close\r\n\r\n`);
  expect(client.reply()).toMatch(/^HTTP\/1\.[01] 426 /);
});

it('other requests get what they ask for', async () => {
  running = await GatewayInMemory.start();
  const client = running.connect();
  expect(client.request('GET /topics/news')).toMatch(/^HTTP\/1\.1 200 /);
  expect(client.request('GET /topics/news', 'Sec-Fetch-Mode: cors')).toMatch(/^HTTP\/1\.1 200 /);
  expect(client.request('POST /topics/news', version, 'Content-Length: 0')).toMatch(/^HTTP\/1\.1 200 /);
  client.upgrade('/topics/news');
});
