import { afterEach, describe, expect, it } from 'vitest';
import { isOwnName } from '../../src/http/own-names.ts';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

it.each([
  ['127.0.0.1:8080', true],
  ['127.0.0.1', true],
  ['[::1]:8080', true],
  ['192.168.1.7', true],
  ['localhost', true],
  ['LOCALHOST:8080', true],
  ['app.localhost:8080', true],
  ['localhost.', true],
  ['mybox:8080', true],
  ['', true],
  ['evil.example', false],
  ['evil.example:8080', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example:8080', false],
  ['evil-localhost.example', false],
  ['evillocalhost', true],
  ['evil.examplelocalhost', false],
])('%s as a name of our own: %s', (authority, own) => {
  expect(isOwnName(authority)).toBe(own);
});

describe('a public name on a loopback listener', () => {
  let running: GatewayInMemory;
  afterEach(() => running.stop());

  function ask(client: MemoryClient, host: string): number {
    client.send(`GET /topics/a HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\n\r\n`);
    return Number(client.reply().slice(9, 12));
  }

  it('is refused, page of its own or not, and so is it by the admin listener', async () => {
    running = await GatewayInMemory.start();
    expect(ask(running.connect(), 'evil.example:8080')).toBe(421);
    expect(ask(running.connect(), 'localhost:8080')).toBe(200);
    expect(ask(running.connectAdmin(), 'evil.example:9090')).toBe(421);
    const socket = running.connect();
    expect(() => socket.upgrade('/topics/a')).not.toThrow();
  });

  it('is answered where its origin is listed', async () => {
    running = await GatewayInMemory.start({ origins: ['https://app.example'] });
    expect(ask(running.connect(), 'other.example')).toBe(421);
    const proxied = running.connect();
    proxied.send('GET /topics/a HTTP/1.1\r\nHost: app.example\r\nOrigin: https://app.example\r\n\r\n');
    expect(proxied.reply()).toMatch(/^HTTP\/1\.1 200/);
  });

  it.each(['*', 'http://app.example:9090'])('is not answered by the admin listener where pages of %s may use topics, unless a token guards it', async (origin) => {
    running = await GatewayInMemory.start({ origins: [origin] });
    const admin = running.connectAdmin();
    for (const path of ['/inspection/connections', '/connections', '/metrics']) {
      const reply = admin.request(`GET ${path}`, 'X-None: 1').slice(9, 12);
      admin.send(`GET ${path} HTTP/1.1\r\nHost: app.example:9090\r\n\r\n`);
      const foreign = admin.reply();
      expect([reply, foreign.slice(9, 12), foreign.includes('set auth.adminToken'), foreign.includes('origin')]).toEqual(['200', '421', true, false]);
    }
    await running.stop();
    running = await GatewayInMemory.start({ origins: [origin], auth: { adminToken: 'hush' } });
    const guarded = running.connectAdmin();
    guarded.send('GET /inspection/connections HTTP/1.1\r\nHost: app.example:9090\r\nAuthorization: Bearer hush\r\n\r\n');
    expect(guarded.reply().slice(9, 12)).toBe('200');
  });

  it('is answered where a token guards the topics, and where everybody may come', async () => {
    running = await GatewayInMemory.start({ auth: { tokens: ['secret'] } });
    expect(ask(running.connect(), 'app.example')).toBe(401);
    await running.stop();
    running = await GatewayInMemory.start({ insecure: true });
    expect(ask(running.connect(), 'app.example')).toBe(200);
  });
});
