import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
});
afterEach(() => memory.stop());

const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);
const jsonOf = (reply: string): Record<string, unknown> => JSON.parse(reply.split('\r\n\r\n')[1]!) as Record<string, unknown>;

function post(topic: string, body: string, ...fields: string[]): string {
  const client = memory.connect();
  client.send(`POST /topics/${topic} HTTP/1.1\r\nHost: memory\r\nContent-Length: ${body.length}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n${body}`);
  return client.reply();
}

const get = (target: string, ...fields: string[]): string => memory.connect().request(`GET /topics/${target}`, ...fields);

describe('publishing', () => {
  it('answers the offset and the epoch', () => {
    const first = jsonOf(post('news', 'one'));
    expect(first).toEqual({ offset: 1, epoch: expect.stringMatching(/^t/) as string });
    expect(jsonOf(post('news', 'two'))).toEqual({ offset: 2, epoch: first['epoch'] });
  });

  it('takes what is UTF-8 for text, unless it says that it is binary', () => {
    post('news', 'text');
    post('news', '\xff\xfe');
    post('news', 'said', 'Content-Type: Application/Octet-Stream; x=1');
    const { publications } = jsonOf(get('news')) as { publications: unknown[] };
    expect(publications).toMatchObject([{ data: 'text' }, { base64: '//4=' }, { base64: 'c2FpZA==' }]);
  });

  it.each([
    ['a.*', 'wildcardInTopic'],
    ['a..b', 'tokenEmpty'],
    ['a%20b', 'characterForbidden'],
    ['x'.repeat(300), 'topicTooLong'],
  ])('refuses the topic %s', (topic, code) => {
    const reply = post(topic, 'x');
    expect(statusOf(reply)).toBe(code === 'topicTooLong' ? 414 : 400);
    expect(jsonOf(reply)).toMatchObject({ code });
  });
});

describe('history', () => {
  beforeEach(() => {
    for (const text of ['1', '2', '3', '4']) post('news', text);
  });

  it('is a page, the oldest first, behind a position', () => {
    const page = jsonOf(get('news?limit=2')) as { epoch: string; publications: { data: string }[] };
    expect(page).toMatchObject({ topic: 'news', oldestOffset: 1, nextOffset: 5, gap: null });
    expect(page.publications).toHaveLength(2);
    const since = jsonOf(get(`news?since=${page.epoch}:2`)) as { publications: { data: string }[] };
    expect(since.publications.map(({ data }) => data)).toEqual(['3', '4']);
  });

  it('tells of a position that is not its own', () => {
    expect(jsonOf(get('news?since=tother:2'))).toMatchObject({ gap: { reason: 'epochChanged' } });
  });

  it.each(['limit=0', 'limit=x', 'limit=10001', 'since=nonsense', 'since=t1'])('refuses %s', (query) => {
    expect(statusOf(get(`news?${query}`))).toBe(400);
  });

  it('of a topic nobody has published to is empty, and names a position that resumes from its first publication', () => {
    const { epoch, nextOffset, publications } = jsonOf(get('fresh')) as { epoch: string; nextOffset: number; publications: unknown[] };
    expect([nextOffset, publications]).toEqual([1, []]);
    expect(jsonOf(post('fresh', 'one'))).toEqual({ offset: 1, epoch });
    expect(jsonOf(get(`fresh?since=${epoch}:0`))).toMatchObject({ gap: null, publications: [{ data: 'one' }] });
  });
});

describe('presence', () => {
  it('names who is subscribed, also by wildcards, and how many there are', () => {
    memory.connect().upgrade('/topics/news.a');
    memory.connect().upgrade('/topics/news.*');
    const all = jsonOf(get('news.a/presence')) as { subscriptions: number; members: { info: unknown }[]; complete: boolean };
    expect(all).toMatchObject({ subscriptions: 2, complete: true });
    expect(all.members.map(({ info }) => info)).toEqual([{ protocol: 'websocket' }, { protocol: 'websocket' }]);
    expect(jsonOf(get('news.a/presence?limit=1'))).toMatchObject({ subscriptions: 2, complete: false });
    expect(statusOf(get('news.a/presence?limit=-1'))).toBe(400);
  });
});

describe('subscribing', () => {
  it('is told apart by the headers', () => {
    expect(get('news', 'Accept: */*')).toMatch(/Content-Type: application\/json/);
    expect(get('news', 'Accept: text/event-stream;q=0')).toMatch(/Content-Type: application\/json/);
    const stream = memory.connect();
    stream.send('GET /topics/news HTTP/1.1\r\nHost: memory\r\nAccept: text/html, text/event-stream\r\n\r\n');
    memory.pass(10);
    expect(stream.received).toMatch(/^HTTP\/1\.1 200 [^]*Content-Type: text\/event-stream[^]*event: subscribed/);
  });

  it.each(['a..b', '%3E.a', 'a.%3E.b'])('refuses the pattern %s', (pattern) => {
    expect(statusOf(get(pattern, 'Accept: text/event-stream'))).toBe(400);
  });

  it('refuses a topic’s position for a pattern with wildcards', () => {
    expect(statusOf(get('news.*?since=tabc:1', 'Accept: text/event-stream'))).toBe(400);
  });

  it.each(['0', '-1', '10001', 'all', '1.5', ''])('refuses history=%s', (history) => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    for (const fields of [['Accept: text/event-stream'], upgrade]) {
      const reply = get(`news?history=${history}`, ...fields);
      expect(statusOf(reply)).toBe(400);
      expect(jsonOf(reply)).toMatchObject({ detail: 'history is a whole number from 1 to 10000.' });
    }
  });

  it('answers other methods with those that are possible', () => {
    expect(memory.connect().request('PUT /topics/news', 'Content-Length: 0')).toMatch(/^HTTP\/1\.1 405 [^]*Allow: GET, HEAD, POST, OPTIONS/);
    expect(memory.connect().request('POST /topics/news/presence', 'Content-Length: 0')).toMatch(/^HTTP\/1\.1 405 [^]*Allow: GET, HEAD, OPTIONS\r/);
  });
});
