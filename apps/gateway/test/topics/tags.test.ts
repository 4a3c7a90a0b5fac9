import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tagsOf, parseTagPath } from '../../src/topics/tags.ts';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
});
afterEach(() => memory.stop());

const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);
const jsonOf = (reply: string): Record<string, unknown> => JSON.parse(reply.split('\r\n\r\n')[1]!) as Record<string, unknown>;

function post(tag: string, body: string, ...fields: string[]): string {
  const client = memory.connect();
  client.send(`POST /tags/${tag} HTTP/1.1\r\nHost: memory\r\nContent-Length: ${body.length}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n${body}`);
  return client.reply();
}

function socket(query: string, ...fields: string[]): MemoryClient {
  const client = memory.connect();
  client.upgrade(`/topics/news${query}`, ...fields);
  memory.pass(1);
  return client;
}

const texts = (client: MemoryClient): string[] => client.frames().map(({ payload }) => payload);

describe('a message by tag', () => {
  it('reaches every socket with the tag, as text or binary, and no other', () => {
    const [both, team, none] = [socket('?tag=team&tag=admins'), socket('?tag=team'), socket('')];
    expect(jsonOf(post('team', 'hello'))).toEqual({ receivers: 2 });
    expect(jsonOf(post('admins', '\xff\xfe'))).toEqual({ receivers: 1 });
    expect(jsonOf(post('team', 'said', 'Content-Type: application/octet-stream'))).toEqual({ receivers: 2 });
    expect(jsonOf(post('nobody', 'x'))).toEqual({ receivers: 0 });
    memory.pass(1);
    expect(both.frames()).toEqual([
      { opcode: 1, payload: 'hello' },
      { opcode: 2, payload: '\xff\xfe' },
      { opcode: 2, payload: 'said' },
    ]);
    expect(texts(team)).toEqual(['hello', 'said']);
    expect(texts(none)).toEqual([]);
  });

  it('has an envelope of its own, with no position', () => {
    const client = socket('?tag=team', 'Sec-WebSocket-Protocol: sluice.v1');
    const wild = memory.connect();
    wild.upgrade('/topics/%3E?tag=team', 'Sec-WebSocket-Protocol: sluice.v1');
    memory.pass(1);
    client.frames();
    wild.frames();
    post('team', 'hello');
    post('team', '\xff');
    memory.pass(1);
    const envelopes = [{ tag: 'team', time: 0, data: 'hello' }, { tag: 'team', time: 0, base64: '/w==' }];
    expect(texts(client).map((text) => JSON.parse(text) as unknown)).toEqual(envelopes);
    expect(texts(wild).map((text) => JSON.parse(text) as unknown)).toEqual(envelopes);
  });

  it('is an event without an id, so that what the stream resumes from stays', () => {
    const client = memory.connect();
    client.send('GET /topics/news?tag=team HTTP/1.1\r\nHost: memory\r\nAccept: text/event-stream\r\n\r\n');
    memory.pass(1);
    client.received = '';
    post('team', 'one\ntwo');
    post('team', '\xff');
    memory.pass(1);
    expect(client.received).toContain('\r\ndata: one\ndata: two\n\n\r\n');
    expect(client.received).toContain('\r\nevent: binary\ndata: /w==\n\n\r\n');
    expect(client.received).not.toContain('id:');
  });

  it('leaves the topic and its history as they are', () => {
    const client = socket('?tag=team');
    post('team', 'hello');
    memory.pass(1);
    expect(texts(client)).toEqual(['hello']);
    expect(jsonOf(memory.connect().request('GET /topics/news'))).toMatchObject({ publications: [] });
  });

  it('reaches nobody who has closed, or is closing', () => {
    const [closed, closing, open] = [socket('?tag=team'), socket('?tag=team'), socket('?tag=team')];
    closed.endpoint.abort();
    closing.sendFrame('\x03\xe8', 8);
    memory.pass(1);
    expect(closing.frames()).toEqual([{ opcode: 8, payload: '\x03\xe8' }]);
    expect(jsonOf(post('team', 'late'))).toEqual({ receivers: 1 });
    memory.pass(1);
    expect(texts(closing)).toEqual([]);
    expect(texts(open)).toEqual(['late']);
  });

  it('can be sent by the program that holds the gateway', () => {
    const client = socket('?tag=team');
    const { hub } = memory.gateway;
    expect(hub.sendTextByTag('team', Buffer.from('text'))).toBe(1);
    expect(hub.sendBinaryByTag('team', Buffer.from('-binary-'), 1, 7)).toBe(1);
    memory.pass(1);
    expect(client.frames()).toEqual([
      { opcode: 1, payload: 'text' },
      { opcode: 2, payload: 'binary' },
    ]);
  });
});

describe('tags of a client', () => {
  it.each([
    ['?tag=', 400, 'tagInvalid'],
    [`?tag=${'x'.repeat(256)}`, 400, 'tagInvalid'],
    [`?${Array.from({ length: 17 }, (_, i) => `tag=${i}`).join('&')}`, 429, 'tooManyTags'],
  ])('are refused before the upgrade: %s', (query, status, code) => {
    const handshake = ['Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    for (const fields of [handshake, ['Accept: text/event-stream']]) {
      const reply = memory.connect().request(`GET /topics/news${query}`, ...fields);
      expect(statusOf(reply)).toBe(status);
      expect(jsonOf(reply)).toMatchObject({ code });
    }
  });

  it('are each carried once, and shown in presence', () => {
    socket(`?${Array.from({ length: 40 }, () => 'tag=a&tag=b%20c').join('&')}`);
    expect(jsonOf(memory.connect().request('GET /topics/news/presence'))).toMatchObject({ members: [{ tags: ['a', 'b c'] }] });
  });

  it('are read as they stand', () => {
    expect(tagsOf(new URLSearchParams('tag=b&tag=a&tag=b'), 2)).toEqual(['b', 'a']);
    expect(tagsOf(new URLSearchParams('x=1'), 0)).toEqual([]);
    expect(() => tagsOf(new URLSearchParams('tag=a'), 0)).toThrow('tooManyTags');
  });
});

describe('the path of a tag', () => {
  it.each([
    ['/tags/team', 'team'],
    ['/tags/b%20c', 'b c'],
    ['/tags/', null],
    ['/tags/a/b', null],
    ['/tags/%ff', null],
  ])('%s is %s', (path, tag) => expect(parseTagPath(path)).toBe(tag));

  it('answers what it does not take', () => {
    expect(statusOf(memory.connect().request('GET /tags/team'))).toBe(405);
    expect(statusOf(memory.connect().request('POST /tags/', 'Content-Length: 0'))).toBe(404);
    expect(statusOf(memory.connect().request(`POST /tags/${'x'.repeat(256)}`, 'Content-Length: 0'))).toBe(400);
  });

  it('needs a token where topics do', async () => {
    const guarded = await GatewayInMemory.start({ auth: { tokens: ['secret'] } });
    const ask = (...fields: string[]): number => statusOf(guarded.connect().request('POST /tags/team', 'Content-Length: 0', ...fields));
    expect([ask(), ask('Authorization: Bearer secret')]).toEqual([401, 200]);
    await guarded.stop();
  });
});
