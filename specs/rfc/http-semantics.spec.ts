// RFC 9110: what methods and fields mean, RFC 9457 (problem documents), RFC 6750 (bearer tokens) and CORS.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WirePeer } from '../support/wire-peer.ts';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { isOverTls } from '../support/secure.ts';

let running: RunningGateway;
let guarded: RunningGateway;
let peer: WirePeer;
beforeAll(async () => {
  running = await runGateway();
  guarded = await runGateway({ config: { auth: { tokens: ['first', 'second'] }, origins: ['https://app.example.com'] } });
});
afterEach(() => peer?.destroy());
afterAll(async () => {
  await running.stop();
  await guarded.stop();
});

async function connect(to = running): Promise<WirePeer> {
  peer = await WirePeer.connect(to.port);
  return peer;
}

describe('6.6.1 Date', () => {
  it('is in every reply, and an HTTP date', async () => {
    await connect();
    peer.request('GET /topics/dated HTTP/1.1');
    const date = (await peer.reply()).headers.get('date')!;
    expect(date).toMatch(/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(5000);
  });
});

describe('9 methods', () => {
  it.each(['/topics/news', '/topics/news/presence', '/app.css', '/missing'])('HEAD %s has the fields of GET and no body (9.3.2)', async (path) => {
    await connect();
    const told = ({ headers }: { readonly headers: ReadonlyMap<string, string> }) => [...headers].filter(([name]) => name !== 'date');
    peer.request(`GET ${path} HTTP/1.1`);
    const get = await peer.reply();
    peer.request(`HEAD ${path} HTTP/1.1`);
    const head = await peer.reply('HEAD');
    expect(head.status).toBe(get.status);
    expect(told(head)).toEqual(told(get));
    peer.request('GET /topics/news HTTP/1.1');
    expect((await peer.reply()).status).toBe(200);
  });

  it.each([
    ['DELETE', '/topics/news', 'GET, HEAD, POST, OPTIONS'],
    ['PUT', '/topics/news', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/topics/news/presence', 'GET, HEAD, OPTIONS'],
    ['POST', '/app.css', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/', 'GET, HEAD, OPTIONS'],
    ['GET', '/tags/a', 'POST, OPTIONS'],
    ['DELETE', '/topics', 'GET, HEAD, OPTIONS'],
  ])('%s %s is 405 with Allow (15.5.6)', async (method, path, allow) => {
    await connect();
    peer.request(`${method} ${path} HTTP/1.1`, 'Content-Length: 2');
    peer.send('hi');
    const reply = await peer.reply();
    expect(reply.status).toBe(405);
    expect(reply.headers.get('allow')).toBe(allow);
    peer.request('GET /topics/news HTTP/1.1');
    expect((await peer.reply()).status).toBe(200);
  });
});

describe('9.1 and 9.3.7', () => {
  it.each([
    ['FOO', '/topics/news'],
    ['BREW', '/'],
    ['get', '/'],
    ['PROPFIND', '/echo'],
    ['PURGE', '/missing'],
  ])('%s %s is 501: no method that is known (9.1)', async (method, path) => {
    await connect();
    peer.request(`${method} ${path} HTTP/1.1`);
    const reply = await peer.reply();
    expect(reply.status).toBe(501);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    peer.request('GET /topics/news HTTP/1.1');
    expect((await peer.reply()).status).toBe(200);
  });

  it.each([
    ['*', 'GET, HEAD, POST, OPTIONS'],
    ['/topics', 'GET, HEAD, OPTIONS'],
    ['/topics/news', 'GET, HEAD, POST, OPTIONS'],
    ['/topics/news/presence', 'GET, HEAD, OPTIONS'],
    ['/tags/a', 'POST, OPTIONS'],
    ['/echo', 'GET, OPTIONS'],
    ['/app.css', 'GET, HEAD, OPTIONS'],
  ])('OPTIONS %s tells what is allowed (9.3.7)', async (target, allow) => {
    await connect();
    peer.request(`OPTIONS ${target} HTTP/1.1`);
    const reply = await peer.reply();
    expect([reply.status, reply.headers.get('allow')]).toEqual([204, allow]);
    expect(reply.headers.has('content-length')).toBe(false);
  });
});

describe('10.1.1 Expect: 100-continue', () => {
  it('is answered before the body of a publication', async () => {
    await connect();
    peer.request('POST /topics/waits HTTP/1.1', 'Content-Length: 5', 'Expect: 100-continue');
    expect((await peer.reply()).status).toBe(100);
    peer.send('hello');
    expect((await peer.reply()).status).toBe(200);
  });

  it('a refusal comes instead of 100, and the connection closes', async () => {
    await connect();
    peer.request('POST /app.css HTTP/1.1', 'Content-Length: 5', 'Expect: 100-continue');
    const reply = await peer.reply();
    expect(reply.status).toBe(405);
    expect(reply.headers.get('connection')).toBe('close');
    expect(await peer.rest()).toBe('');
  });

  it('a body over the limit is refused before it is sent', async () => {
    await connect();
    peer.request('POST /topics/waits HTTP/1.1', 'Content-Length: 99999999', 'Expect: 100-continue');
    expect((await peer.reply()).status).toBe(413);
  });
});

describe('RFC 9457 problem documents', () => {
  it.each([
    ['GET', '/topics/bad%20topic', 400],
    ['GET', '/topics/a..b', 400],
    ['GET', '/topics/a.*', 400],
    ['GET', '/topics/news?limit=0', 400],
    ['GET', '/topics/news?limit=many', 400],
    ['GET', '/topics/news?since=nowhere', 400],
    ['GET', '/topics/news/presence?limit=-1', 400],
    ['GET', '/topics/', 404],
    ['GET', '/topics/a/b/c', 404],
    ['GET', '/nothing', 404],
    ['PATCH', '/topics/news', 405],
  ])('%s %s: %i', async (method, path, status) => {
    const reply = await fetch(running.url + path, { method });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await reply.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ type: 'about:blank', title: expect.stringMatching(/\w/) as string, status });
    expect(problem['detail']).toMatch(/^\S.*\.$/s);
  });
});

describe('RFC 6750 bearer tokens', () => {
  const get = (path: string, headers: Record<string, string> = {}) => fetch(guarded.url + path, { headers });

  it('without one: 401, and how to come back with one', async () => {
    const reply = await get('/topics/news');
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });

  it.each(['Bearer first', 'bearer second', 'Bearer  first'])('%j lets in', async (authorization) => {
    expect((await get('/topics/news', { authorization })).status).toBe(200);
  });

  it.each(['Bearer third', 'Bearer', 'Basic first', 'Bearer first second', 'first'])('%j does not', async (authorization) => {
    expect((await get('/topics/news', { authorization })).status).toBe(401);
  });

  it('the query has a place for it, and the log leaves it out (2.3)', async () => {
    expect((await get('/topics/news?access_token=second&limit=1')).status).toBe(200);
    expect((await get('/topics/news?access_token=third')).status).toBe(401);
    expect(JSON.stringify(guarded.lines)).not.toContain('access_token=second');
  });

  it('publishing, presence, sockets and streams need one, the page does not', async () => {
    expect((await fetch(`${guarded.url}/topics/news`, { method: 'POST', body: 'x' })).status).toBe(401);
    expect((await get('/topics/news/presence')).status).toBe(401);
    expect((await get('/topics/news', { accept: 'text/event-stream' })).status).toBe(401);
    expect((await get('/')).status).toBe(200);
    await connect(guarded);
    peer.request('GET /topics/news HTTP/1.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13');
    expect((await peer.reply()).status).toBe(401);
  });
});

describe('origins (Fetch, CORS)', () => {
  const send = async (origin: string, line = 'GET /topics/news?access_token=first HTTP/1.1', ...fields: string[]) => {
    await connect(guarded);
    peer.request(line, `Origin: ${origin}`, ...fields);
    return peer.reply();
  };

  it('its own pages may, and those that are listed', async () => {
    for (const origin of ['https://spec', 'https://app.example.com', ...(isOverTls() ? [] : ['http://spec'])]) {
      const reply = await send(origin);
      expect(reply.status).toBe(200);
      expect(reply.headers.get('access-control-allow-origin')).toBe(origin);
      expect(reply.headers.get('vary')).toBe('Origin');
      peer.destroy();
    }
  });

  it.each(['https://evil.example.com', 'https://app.example.com.evil.com', 'http://app.example.com', 'https://app.example.com:444', 'null', 'http://spec.evil'])(
    '%s may not: 403, and nothing allowed',
    async (origin) => {
      const reply = await send(origin);
      expect(reply.status).toBe(403);
      expect(reply.headers.has('access-control-allow-origin')).toBe(false);
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
    },
  );

  it('a page of the same name that came in clear text is its own only in clear text', async () => {
    expect((await send('http://spec')).status).toBe(isOverTls() ? 403 : 200);
  });

  it('a page elsewhere cannot publish', async () => {
    const reply = await send('https://evil.example.com', 'POST /topics/news?access_token=first HTTP/1.1', 'Content-Length: 0');
    expect(reply.status).toBe(403);
    expect(guarded.gateway.hub.history('news', { limit: 10 }).publications).toEqual([]);
  });

  it('a preflight is answered without a token', async () => {
    const reply = await send('https://app.example.com', 'OPTIONS /topics/news HTTP/1.1', 'Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: authorization');
    expect(reply.status).toBe(204);
    expect(reply.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(reply.headers.get('access-control-allow-methods')).toContain('POST');
    expect(reply.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    expect(reply.headers.has('content-length')).toBe(false);
  });

  it.each(['Cache-Control, Last-Event-ID', 'authorization,cache-control,content-type,last-event-id,pragma', 'if-none-match, range', 'x-requested-with'])(
    'a preflight may ask for %s',
    async (fields) => {
      const reply = await send('https://app.example.com', 'OPTIONS /topics/news HTTP/1.1', 'Access-Control-Request-Method: GET', `Access-Control-Request-Headers: ${fields}`);
      expect(reply.status).toBe(204);
      const allowed = reply.headers.get('access-control-allow-headers')!.toLowerCase().split(', ');
      for (const field of fields.toLowerCase().split(/, ?/)) expect(allowed).toContain(field);
    },
  );

  describe('a request that is not understood', () => {
    const host = 'Host: spec';
    const listed = 'Origin: https://app.example.com';
    it.each([
      [400, ['GET / HTTP/1.1', host, listed, 'Bad name: x', '', '']],
      [400, ['GET / HTTP/1.1', 'Bad name: x', host, listed, '', '']],
      [413, ['POST /topics/news?access_token=first HTTP/1.1', host, listed, 'Content-Length: 99999999', '', '']],
      [414, [`GET /${'a'.repeat(9000)} HTTP/1.1`, host, listed, '', '']],
      [431, ['GET / HTTP/1.1', host, listed, `X: ${'a'.repeat(9000)}`, '', '']],
      [431, ['GET / HTTP/1.1', `X: ${'a'.repeat(9000)}`, listed, host, '', '']],
      [505, ['GET / HTTP/2.0', host, listed, '', '']],
    ])('%i may be read by a page that is listed', async (status, lines) => {
      for (const [text, allowed] of [[lines.join('\r\n'), 'https://app.example.com'], [lines.join('\r\n').replace('app.example', 'evil.example'), undefined]] as const) {
        await connect(guarded);
        peer.send(text);
        const reply = await peer.reply();
        expect(reply.status).toBe(status);
        expect(reply.headers.get('access-control-allow-origin')).toBe(allowed);
        expect(reply.headers.get('vary')).toBe(allowed === undefined ? undefined : 'Origin');
        peer.destroy();
      }
    });

    it('408 too', async () => {
      const hasty = await runGateway({ config: { origins: ['https://app.example.com'], timeouts: { handshakeTimeoutMs: 100, requestTimeoutMs: 100 } } });
      await connect(hasty);
      peer.send(`GET / HTTP/1.1\r\nHost: spec\r\n${listed}\r\nX: and nothing`);
      const reply = await peer.reply();
      expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([408, 'https://app.example.com']);
      peer.destroy();
      await connect(hasty);
      peer.send(`POST /topics/news HTTP/1.1\r\nHost: spec\r\n${listed}\r\nContent-Length: 5\r\n\r\nhal`);
      const second = await peer.reply();
      expect([second.status, second.headers.get('access-control-allow-origin')]).toEqual([408, 'https://app.example.com']);
      await hasty.stop();
    });
  });
});
