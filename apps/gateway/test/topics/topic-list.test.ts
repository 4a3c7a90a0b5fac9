import { publicationOverheadBytes } from '@sluice/hub';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
beforeEach(async () => {
  memory = await GatewayInMemory.start();
});
afterEach(() => memory.stop());

interface Page {
  readonly topics: readonly { readonly topic: string }[];
  readonly next: string | null;
}

const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);
const bodyOf = (reply: string): string => reply.split('\r\n\r\n')[1]!;
const get = (target: string): string => memory.connect().request(`GET ${target}`);
const page = (target: string): Page => JSON.parse(bodyOf(get(target))) as Page;
const publish = (topic: string, text: string): void => void memory.gateway.hub.publish(topic, Buffer.from(text), 0, text.length, 'text');

describe('GET /topics', () => {
  it('is empty before anybody has published', () => {
    expect(page('/topics')).toEqual({ topics: [], next: null });
  });

  it('tells of each topic what it has and who listens', () => {
    publish('news', 'one');
    publish('news', 'three');
    memory.connect().upgrade('/topics/*');
    const { epoch } = memory.gateway.hub.history('news');
    expect(page('/topics')).toEqual({
      topics: [{ topic: 'news', epoch, oldestOffset: 1, nextOffset: 3, count: 2, bytes: 8 + 2 * publicationOverheadBytes, subscriptions: 1, lastTime: 0 }],
      next: null,
    });
  });

  it('goes on page by page, and takes a prefix or a pattern', () => {
    for (const topic of ['b.2', 'a.1', 'a.3', 'a.2']) publish(topic, 'x');
    const names = (target: string): string[] => page(target).topics.map(({ topic }) => topic);
    expect(page('/topics?limit=3')).toMatchObject({ topics: [{ topic: 'a.1' }, { topic: 'a.2' }, { topic: 'a.3' }], next: 'a.3' });
    expect(page('/topics?limit=3&after=a.3')).toMatchObject({ topics: [{ topic: 'b.2' }], next: null });
    expect(names('/topics?prefix=a.')).toEqual(['a.1', 'a.2', 'a.3']);
    expect(names('/topics?pattern=*.2')).toEqual(['a.2', 'b.2']);
    expect(names('/topics?pattern=&prefix=&after=')).toHaveLength(4);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'pattern=a..b', 'pattern=a.%3E.b'])('refuses %s', (query) => {
    expect(statusOf(get(`/topics?${query}`))).toBe(400);
  });

  it('is answered to HEAD without the body', () => {
    const reply = memory.connect().request('HEAD /topics');
    expect(statusOf(reply)).toBe(200);
    expect(bodyOf(reply)).toBe('');
  });
});

describe('another method', () => {
  it.each(['POST', 'PUT', 'DELETE'])('%s is 405, and says where one publishes', (method) => {
    const reply = memory.connect().request(`${method} /topics`, 'Content-Length: 0');
    expect(statusOf(reply)).toBe(405);
    expect(reply).toContain('Allow: GET, HEAD, OPTIONS\r\n');
    expect(JSON.parse(bodyOf(reply))).toMatchObject({ detail: `Method ${method} is not allowed; GET lists the topics. To publish, use POST /topics/{topic}.` });
  });
});
