import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { adminApi, AdminError, readAdminOptions } from '../../src/cli/inspect-admin.ts';
import { makeConsole } from './admin-stub.ts';

let close: () => void = () => {};
afterEach(() => close());

async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void, path = '') {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  return adminApi({ url, token: 'hush', ca: undefined });
}

describe('adminApi', () => {
  it('asks below the address it was given, with the token', async () => {
    const api = await serving((request, response) => response.end(JSON.stringify([request.url, request.headers.authorization])), '/behind/proxy');
    expect(await api.get('inspection/tree')).toEqual(['/behind/proxy/inspection/tree', 'Bearer hush']);
  });

  it('says a refusal in the words of the gateway', async () => {
    const api = await serving((request, response) => {
      response.statusCode = 401;
      response.end(request.url === '/a' ? '{"detail":"The admin token is needed."}' : '<html>');
    });
    await expect(api.get('a')).rejects.toThrow('The admin token is needed.');
    await expect(api.get('b')).rejects.toThrow('the answer was 401');
    await expect(api.follow('a', () => {}, new AbortController().signal)).rejects.toThrow('The admin token is needed.');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['is no document', (response) => void response.end('<html>')],
    ['breaks off', (response) => void response.writeHead(200, { 'Content-Length': 100 }).write('{"a"', () => response.destroy())],
    ['breaks off in a refusal', (response) => void response.writeHead(401, { 'Content-Length': 100 }).write('{"a"', () => response.destroy())],
  ])('says so when the answer %s', async (_what, answer) => {
    const api = await serving((_request, response) => answer(response));
    await expect(api.get('a')).rejects.toThrow(AdminError);
  });

  it('says so when a stream is none', async () => {
    const api = await serving((_request, response) => response.end('data: <html>\n\n'));
    await expect(api.follow('a', () => {}, new AbortController().signal)).rejects.toThrow(AdminError);
  });

  it('says what others have written without obeying it', async () => {
    const api = await serving((_request, response) => response.writeHead(400).end('{"detail":"no \\u001b[2J"}'));
    await expect(api.get('a')).rejects.toThrow('no \ufffd[2J');
  });

  it('follows events until the gateway ends them, whatever pieces they come in', async () => {
    const api = await serving((_request, response) => {
      const text = ': comment\n\nevent: step\ndata: {"a":1}\n\nevent: closed\ndata: {"b":2}\n\n';
      for (const character of text) response.write(character);
      response.end();
    });
    const events: unknown[] = [];
    await api.follow('x', (name, data) => events.push([name, data]), new AbortController().signal);
    expect(events).toEqual([
      ['step', { a: 1 }],
      ['closed', { b: 2 }],
    ]);
  });

  it('tells an end from a break, and stops when it is told to', async () => {
    const api = await serving((request, response) => {
      response.write('event: step\ndata: 1\n\n');
      if (request.url === '/broken') setImmediate(() => response.destroy());
    });
    await expect(api.follow('broken', () => {}, new AbortController().signal)).rejects.toThrow(/127\.0\.0\.1/);
    const stop = new AbortController();
    await api.follow('going-on', () => stop.abort(), stop.signal);
  });

  it('asks whether the gateway runs, and names --admin, where nobody listens', async () => {
    const api = adminApi({ url: new URL('http://127.0.0.1:1'), token: null, ca: undefined });
    const text = 'http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Does the gateway run? Give its admin address with --admin URL.';
    await expect(api.get('x')).rejects.toThrow(text);
  });
});

describe('readAdminOptions', () => {
  it('has defaults; a flag wins over the environment', () => {
    const { host } = makeConsole(false, { SLUICE_AUTH_ADMIN_TOKEN: 'environment' }, { 'ca.pem': 'PEM' });
    expect(readAdminOptions([], [], host)).toMatchObject({ target: { token: 'environment', ca: undefined, url: { href: 'http://127.0.0.1:9090/' } }, positionals: [] });
    expect(readAdminOptions(['--token', 'flag', '--ca', 'ca.pem', '--own', 'x', 'y'], ['own'], host)).toMatchObject({ target: { token: 'flag', ca: 'PEM' }, own: { own: 'x' }, positionals: ['y'] });
  });

  it.each(['nothing', 'ws://x', 'http://user@x'])('--admin %s is refused', (url) => {
    expect(readAdminOptions(['--admin', url], [], makeConsole(false).host)).toMatchObject([{ where: '--admin', message: expect.not.stringContaining('; use') as unknown }]);
  });

  it.each(['127.0.0.1:9090', 'localhost:9090', '[::1]:9090'])('--admin %s is told the URL to write', (address) => {
    const message = `expected http://HOST:PORT or https://HOST:PORT, got "${address}"; use http://${address}`;
    expect(readAdminOptions(['--admin', address], [], makeConsole(false).host)).toEqual([{ where: '--admin', message }]);
  });
});
