import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
beforeEach(async () => {
  memory = await GatewayInMemory.start({ demo: false });
});
afterEach(() => memory.stop());

describe('replies', () => {
  it('are JSON with a line end at the end of the document', () => {
    const reply = memory.connect().request('GET /topics/news/presence');
    expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(reply).toMatch(/\r\nContent-Type: application\/json\r\n/);
    expect(reply).toMatch(/\}\n$/);
  });

  it('are problem documents where something is wrong', () => {
    const reply = memory.connect().request('GET /nowhere');
    expect(reply).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(reply).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/);
    expect(JSON.parse(reply.split('\r\n\r\n')[1]!)).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is nothing here.',
    });
  });

  it('name the methods that are possible', () => {
    const reply = memory.connect().request('DELETE /topics/news');
    expect(reply).toMatch(/^HTTP\/1\.1 405 /);
    expect(reply).toMatch(/\r\nAllow: GET, HEAD, POST, OPTIONS\r\n/);
    expect(reply).toContain('Method DELETE is not allowed; use GET, HEAD, POST.');
  });

  it('have no body for HEAD, but its length', () => {
    const client = memory.connect();
    const reply = client.request('HEAD /topics/news/presence');
    expect(reply).toMatch(/\r\nContent-Length: [1-9]\d*\r\n\r\n$/);
    expect(client.request('GET /topics/news/presence')).toMatch(/^HTTP\/1\.1 200 /);
  });
});
