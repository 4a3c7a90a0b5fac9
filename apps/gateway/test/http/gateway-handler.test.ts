// Who may ask for what: origins, preflights, tokens, and where a path leads.

import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

async function connected(settings: Record<string, unknown> = {}): Promise<MemoryClient> {
  running = await GatewayInMemory.start({ demo: false, ...settings });
  return running.connect();
}

const statusOf = (reply: string): number => Number(reply.slice(9, 12));
const field = (reply: string, name: string): string | undefined => new RegExp(`^${name}: (.*)\r$`, 'im').exec(reply)?.[1];
const detailOf = (reply: string): unknown => (JSON.parse(reply.slice(reply.indexOf('\r\n\r\n'))) as { detail: unknown }).detail;

describe('paths', () => {
  it.each([
    ['/topics/a', 200, undefined],
    ['/topics/a/presence', 200, undefined],
    ['/topics/', 404, 'A topic is at /topics/{topic}, and the list of topics at /topics.'],
    ['/topics/a/nothing', 404, 'A topic is at /topics/{topic}, and the list of topics at /topics.'],
    ['/topics/%ff', 404, 'A topic is at /topics/{topic}, and the list of topics at /topics.'],
    ['/topics', 200, undefined],
    ['/topicsa', 404, 'There is nothing here.'],
    ['/echo', 404, 'There is nothing here.'],
    ['/', 404, 'There is nothing here.'],
  ])('%s is %i', async (path, status, detail) => {
    const reply = (await connected()).request(`GET ${path}`);
    expect(statusOf(reply)).toBe(status);
    if (detail !== undefined) expect(detailOf(reply)).toBe(detail);
  });

  it('of the demo lead to its sockets', async () => {
    const client = await connected({ demo: true });
    expect(statusOf(client.request('GET /echo'))).toBe(426);
    expect(statusOf(client.request('GET /mirror?x=1'))).toBe(426);
    client.upgrade('/echo?x=1');
  });
});

describe('origins', () => {
  const settings = { origins: ['https://app.example'] };

  it.each(['http://elsewhere', 'null', 'https://app.example:1'])('%s is refused, whatever it asks for', async (origin) => {
    const client = await connected(settings);
    for (const start of ['GET /topics/a', 'GET /', 'OPTIONS /topics/a']) {
      const reply = client.request(start, `Origin: ${origin}`);
      expect(statusOf(reply)).toBe(403);
      expect(field(reply, 'Access-Control-Allow-Origin')).toBeUndefined();
      expect(detailOf(reply)).toBe(`Pages of ${origin} may not use this gateway. To let them, add ${JSON.stringify(origin)} to the setting origins.`);
    }
    const posted = client.request('POST /topics/a', `Origin: ${origin}`, 'Content-Length: 0');
    expect(statusOf(posted)).toBe(403);
    expect(running.gateway.hub.stats().publications).toBe(0);
  });

  it.each(['http://memory', 'https://app.example'])('%s may read the answer, also that nothing is there', async (origin) => {
    const client = await connected(settings);
    for (const [path, status] of [['/topics/a', 200], ['/nothing', 404]] as const) {
      const reply = client.request(`GET ${path}`, `Origin: ${origin}`);
      expect(statusOf(reply)).toBe(status);
      expect(field(reply, 'Access-Control-Allow-Origin')).toBe(origin);
      expect(field(reply, 'Vary')).toBe('Origin');
    }
  });

  it('of nobody get no word of it', async () => {
    expect(field((await connected(settings)).request('GET /topics/a'), 'Access-Control-Allow-Origin')).toBeUndefined();
  });

  it('ask what they may before they do: without a token, and nothing happens', async () => {
    const client = await connected({ ...settings, auth: { tokens: ['hush'] } });
    const reply = client.request('OPTIONS /topics/a', 'Origin: https://app.example', 'Access-Control-Request-Method: POST');
    expect(statusOf(reply)).toBe(204);
    expect(field(reply, 'Access-Control-Allow-Origin')).toBe('https://app.example');
    expect(field(reply, 'Access-Control-Allow-Methods')).toBe('GET, HEAD, POST');
    expect(field(reply, 'Access-Control-Allow-Headers')).toContain('Authorization');
    expect(field(reply, 'Access-Control-Max-Age')).toBe('600');
  });

  it('an OPTIONS that is no such question gets the methods that are allowed', async () => {
    expect(statusOf((await connected(settings)).request('OPTIONS /topics/a', 'Origin: https://app.example'))).toBe(204);
  });
});

describe('tokens', () => {
  const settings = { auth: { tokens: ['hush'] }, demo: true };

  it.each(['GET /topics', 'GET /topics/a', 'GET /topics/a/presence', 'GET /topics/'])('%s needs one', async (start) => {
    const client = await connected(settings);
    const refused = client.request(start);
    expect(statusOf(refused)).toBe(401);
    expect(field(refused, 'WWW-Authenticate')).toBe('Bearer');
    const unknown = client.request(start, 'Authorization: Bearer other');
    expect(statusOf(unknown)).toBe(401);
    expect(field(unknown, 'WWW-Authenticate')).toBe('Bearer error="invalid_token"');
    const expected = start.endsWith('/') ? 404 : 200;
    expect(statusOf(client.request(start, 'Authorization: Bearer hush'))).toBe(expected);
    expect(statusOf(client.request(`${start}?access_token=hush`))).toBe(expected);
  });

  it('a publication without one is refused', async () => {
    const client = await connected(settings);
    expect(statusOf(client.request('POST /topics/a', 'Content-Length: 0'))).toBe(401);
    expect(running.gateway.hub.stats().publications).toBe(0);
  });

  it.each(['/echo', '/mirror', '/increment', '/echogen', '/fraggle', '/ping', '/status'])('the demo socket %s needs one that may publish', async (path) => {
    const client = await connected({ auth: { tokens: ['hush'], readTokens: ['look'] }, demo: true });
    const refused = client.request(`GET ${path}`);
    expect(statusOf(refused)).toBe(401);
    expect(field(refused, 'WWW-Authenticate')).toBe('Bearer');
    expect(detailOf(refused)).toBe('The demo sockets of this gateway need a bearer token.');
    expect(statusOf(client.request(`GET ${path}`, 'Authorization: Bearer other'))).toBe(401);
    expect(statusOf(client.request(`GET ${path}`, 'Authorization: Bearer look'))).toBe(403);
    expect(statusOf(client.request(`GET ${path}`, 'Authorization: Bearer hush'))).toBe(426);
    client.upgrade(`${path}?access_token=hush`);
  });

  it('the demo sockets are closed to everyone where there are tokens for readers only', async () => {
    const client = await connected({ auth: { readTokens: ['look'] }, demo: true });
    expect(['', '?access_token=look'].map((query) => statusOf(client.request(`GET /mirror${query}`)))).toEqual([401, 403]);
  });
});

describe('a request that is none', () => {
  it('is answered with a problem', async () => {
    const client = await connected();
    client.send('GET / HTTP/1.1\r\nHost : h\r\n\r\n');
    const reply = client.reply();
    expect(statusOf(reply)).toBe(400);
    expect(field(reply, 'Content-Type')).toBe('application/problem+json');
    expect(detailOf(reply)).toBe('There is whitespace between a field name and its colon.');
  });
});

describe('the access log', () => {
  it('has a line for each reply, refusals too', async () => {
    const client = await connected();
    client.request('GET /topics/a');
    client.request('GET /', 'Origin: http://elsewhere');
    running.pass(1);
    expect((await running.lines()).map(({ target, status }) => `${target} ${status}`)).toEqual(['/topics/a 200', '/ 403']);
  });
});
