import { afterEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);

describe('origins', () => {
  it('lets pages of its own host and of the list in, and tells them so', async () => {
    memory = await GatewayInMemory.start({ origins: ['https://app.example.com'] });
    for (const origin of ['http://memory', 'https://app.example.com']) {
      const reply = memory.connect().request('GET /topics/news', `Origin: ${origin}`);
      expect(statusOf(reply)).toBe(200);
      expect(reply).toContain(`\r\nAccess-Control-Allow-Origin: ${origin}\r\n`);
      expect(reply).toMatch(/\r\nVary: Origin\r\n/);
    }
  });

  it('turns other pages away, whatever they ask for, and clients without an origin not', async () => {
    memory = await GatewayInMemory.start();
    for (const start of ['GET /topics/news', 'POST /topics/news', 'GET /', 'OPTIONS /topics/news']) {
      expect(statusOf(memory.connect().request(start, 'Origin: https://evil.example', 'Content-Length: 0'))).toBe(403);
    }
    expect(statusOf(memory.connect().request('GET /topics/news'))).toBe(200);
    expect(memory.gateway.hub.stats().topics).toBe(0);
  });

  it('answers a preflight', async () => {
    memory = await GatewayInMemory.start({ origins: ['*'] });
    const reply = memory.connect().request('OPTIONS /topics/news', 'Origin: https://any.example', 'Access-Control-Request-Method: POST');
    expect(statusOf(reply)).toBe(204);
    expect(reply).toMatch(/\r\nAccess-Control-Allow-Methods: .*POST/);
  });
});

describe('tokens', () => {
  it('are needed for topics, and for nothing else', async () => {
    memory = await GatewayInMemory.start({ auth: { tokens: ['secret'] } });
    const refused = memory.connect().request('GET /topics/news');
    expect(statusOf(refused)).toBe(401);
    expect(refused).toMatch(/\r\nWWW-Authenticate: Bearer\r\n/);
    expect(statusOf(memory.connect().request('GET /topics/news', 'Authorization: Bearer wrong'))).toBe(401);
    expect(statusOf(memory.connect().request('GET /topics/news', 'Authorization: Bearer secret'))).toBe(200);
    expect(statusOf(memory.connect().request('GET /topics/news?access_token=secret'))).toBe(200);
    expect(statusOf(memory.connect().request('GET /echo'))).toBe(426);
  });
});

describe('routing', () => {
  it('sends each path where it belongs', async () => {
    memory = await GatewayInMemory.start({ demo: false });
    expect(statusOf(memory.connect().request('GET /topics/'))).toBe(404);
    expect(statusOf(memory.connect().request('GET /topics/a/b/c'))).toBe(404);
    expect(statusOf(memory.connect().request('GET /topics/%ff'))).toBe(404);
    expect(statusOf(memory.connect().request('GET /echo'))).toBe(404);
  });

  it('logs each reply once it has left', async () => {
    memory = await GatewayInMemory.start();
    memory.connect().request('GET /topics/news?limit=5');
    const lines = await memory.lines();
    expect(lines.filter(({ log }) => log === 'request')).toMatchObject([{ method: 'GET', target: '/topics/news?limit=5', status: 200 }]);
  });

  it('answers what is not HTTP with a problem document', async () => {
    memory = await GatewayInMemory.start();
    const client = memory.connect();
    client.send('nonsense\r\n\r\n');
    expect(client.reply()).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*"status":400/);
  });
});
