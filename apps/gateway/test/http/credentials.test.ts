// The ways in which a request carries its token, against a running gateway: who is let in, and that no trace of a token is left.

import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest, statusOf } from '../inspection/admin-client.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

async function connected(settings: Record<string, unknown> = {}): Promise<MemoryClient> {
  running = await GatewayInMemory.start({ auth: { tokens: ['hush/1=='], readTokens: ['reader'], cookie: 'session' }, ...settings });
  return running.connect();
}

const field = (reply: string, name: string): string | undefined => new RegExp(`^${name}: (.*)\r$`, 'im').exec(reply)?.[1];
const handshake = ['Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
const entry = (token: string): string => `sluice.bearer.${Buffer.from(token).toString('base64url')}`;
const cookie = `Cookie: other=1; session=${encodeURIComponent('hush/1==')}`;
const own = 'Origin: http://memory';

describe('a token among the offered sub-protocols', () => {
  it.each(['sluice.v1', 'sluice.raw.v1'])('is taken, and %s beside it is selected', async (protocol) => {
    const client = await connected();
    const reply = client.upgrade('/topics/news', `Sec-WebSocket-Protocol: ${entry('hush/1==')}, ${protocol}`);
    expect(field(reply, 'Sec-WebSocket-Protocol')).toBe(protocol);
    expect(reply).not.toContain('bearer');
  });

  it('of nobody is refused', async () => {
    const client = await connected();
    const reply = client.request('GET /topics/news', ...handshake, `Sec-WebSocket-Protocol: sluice.v1, ${entry('other')}`);
    expect(statusOf(reply)).toBe(401);
    expect(field(reply, 'WWW-Authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('needs another one beside it, and the answer says which', async () => {
    const client = await connected();
    const reply = client.request('GET /topics/news', ...handshake, `Sec-WebSocket-Protocol: ${entry('hush/1==')}`);
    expect(statusOf(reply)).toBe(400);
    expect(reply).toContain('sluice.raw.v1 for plain messages');
  });
});

describe('a cookie with a token', () => {
  it.each([
    ['GET', [own]],
    ['GET', ['Origin: https://app.example']],
    ['GET', ['Sec-Fetch-Site: same-origin']],
    ['GET', ['Sec-Fetch-Site: none']],
    ['POST', [own]],
    ['POST', ['Origin: https://app.example', 'Sec-Fetch-Site: cross-site']],
  ])('counts in a %s with %j', async (method, fields) => {
    const client = await connected({ origins: ['https://app.example'] });
    expect(statusOf(client.request(`${method} /topics/news`, cookie, 'Content-Length: 0', ...fields))).toBe(200);
  });

  it.each([
    ['GET', []],
    ['GET', ['Sec-Fetch-Site: cross-site']],
    ['GET', ['Sec-Fetch-Site: same-site']],
    ['GET', ['Origin: https://anyone.example']],
    ['GET', ['Origin: null', 'Sec-Fetch-Site: same-origin']],
    ['POST', []],
    ['POST', ['Sec-Fetch-Site: same-origin']],
    ['POST', ['Origin: https://anyone.example']],
  ])('does not count in a %s with %j, also where * is allowed', async (method, fields) => {
    const client = await connected({ origins: ['*'] });
    expect(statusOf(client.request(`${method} /topics/news`, cookie, 'Content-Length: 0', ...fields))).toBe(401);
    expect(running.gateway.hub.stats().publications).toBe(0);
  });

  it('opens WebSockets of the same pages only', async () => {
    const client = await connected();
    expect(statusOf(client.request('GET /topics/news', ...handshake, cookie))).toBe(401);
    expect(statusOf(client.request('GET /topics/news', ...handshake, cookie, 'Origin: http://elsewhere'))).toBe(403);
    client.upgrade('/topics/news', cookie, own);
  });

  it('is nothing where no cookie is set', async () => {
    const client = await connected({ auth: { tokens: ['hush/1=='] } });
    expect(statusOf(client.request('GET /topics/news', cookie, own))).toBe(401);
  });

  it('may be sent by listed pages from elsewhere, and by none that * stands for (Fetch: credentials)', async () => {
    const client = await connected({ origins: ['https://app.example', '*'] });
    const allowed = (origin: string): string | undefined =>
      field(client.request('GET /topics/news', cookie, `Origin: ${origin}`), 'Access-Control-Allow-Credentials');
    expect(allowed('https://app.example')).toBe('true');
    expect(allowed('https://anyone.example')).toBeUndefined();
  });

  it('changes with the configuration', async () => {
    const client = await connected({ auth: { tokens: ['hush/1=='] } });
    const { configOf } = await import('../in-memory/gateway.ts');
    running.gateway.reload(configOf({ auth: { tokens: ['hush/1=='], cookie: 'session' } }));
    expect(statusOf(client.request('GET /topics/news', cookie, own))).toBe(200);
  });
});

it.each([
  ['an Authorization field', '', ['Authorization: Bearer hush/1==']],
  ['a sub-protocol', '', [`Sec-WebSocket-Protocol: sluice.v1, ${entry('hush/1==')}`]],
  ['the query', '?access_token=hush%2F1==', []],
  ['a cookie', '', [cookie, own]],
])('a token in %s stands in no log line and in nothing that the inspector shows', async (_where, query, fields) => {
  const client = await connected();
  client.upgrade(`/topics/news${query}`, ...fields);
  running.pass(1);
  const admin = running.connectAdmin();
  const { sessionId, id } = newest(running);
  const seen = [
    JSON.stringify(await running.lines()),
    ...['/connections', `/inspection/connections/${id}`, '/inspection/connections', `/inspection/connections/${id}/recording`].map((path) => admin.request(`GET ${path}`)),
  ].join('\n');
  expect(seen).toContain(sessionId);
  for (const secret of ['hush/1', 'hush%2F1', Buffer.from('hush/1==').toString('base64url')]) expect(seen).not.toContain(secret);
});

describe('a read token', () => {
  it('reads history and presence, and publishes nothing: 403 says why (RFC 6750 section 3.1)', async () => {
    const client = await connected();
    const token = 'Authorization: Bearer reader';
    for (const path of ['/topics/news', '/topics/news/presence']) expect(statusOf(client.request(`GET ${path}`, token))).toBe(200);
    for (const path of ['/topics/news', '/tags/team']) {
      const reply = client.request(`POST ${path}`, token, 'Content-Length: 0');
      expect(statusOf(reply)).toBe(403);
      expect(field(reply, 'WWW-Authenticate')).toBe('Bearer error="insufficient_scope"');
    }
    expect(running.gateway.hub.stats().publications).toBe(0);
  });

  it('opens WebSockets that only receive', async () => {
    const reader = await connected();
    reader.upgrade('/topics/news?access_token=reader');
    const writer = running.connect();
    writer.upgrade('/topics/news', 'Authorization: Bearer hush/1==');
    running.pass(1);
    writer.sendFrame('hello');
    expect(reader.messages(1)).toEqual(['hello']);
    reader.sendFrame('not allowed');
    running.pass(10);
    expect(reader.frames()).toEqual([{ opcode: 8, payload: '\x11\x33this socket is read-only' }]);
    expect(running.gateway.hub.stats().publications).toBe(1);
  });
});
