// `GET /topics` over real sockets: what there is, page by page, while topics come and go.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, runGateway, type RunningGateway } from './support/running-gateway.ts';

let running: RunningGateway;
beforeEach(async () => {
  running = await runGateway({ config: { auth: { tokens: ['secret'] } } });
});
afterEach(() => running.stop());

const headers = { authorization: 'Bearer secret' };

interface Page {
  readonly topics: readonly { readonly topic: string; readonly count: number; readonly subscriptions: number; readonly lastTime: number }[];
  readonly next: string | null;
}

const list = async (query = ''): Promise<Page> => (await (await fetch(`${running.url}/topics${query}`, { headers })).json()) as Page;

it('tells how much each topic has, who listens, and when it was published to last', async () => {
  const before = Date.now();
  for (const topic of ['news', 'chat', 'news']) await fetch(`${running.url}/topics/${topic}`, { method: 'POST', body: 'x', headers });
  const socket = new WebSocket(`${running.wsUrl}/topics/%3E?access_token=secret`);
  await eventually('it is subscribed', () => running.gateway.hub.stats().subscriptions === 1);
  const { topics, next } = await list();
  expect(topics).toMatchObject([
    { topic: 'chat', count: 1, subscriptions: 1 },
    { topic: 'news', count: 2, subscriptions: 1 },
  ]);
  expect(topics[0]!.lastTime).toBeGreaterThanOrEqual(before);
  expect(next).toBeNull();
  socket.terminate();
});

it('goes through all topics once, though others come and go meanwhile', async () => {
  const { hub } = running.gateway;
  const publish = (topic: string): void => void hub.publish(topic, Buffer.from('x'), 0, 1, 'text');
  const lasting = Array.from({ length: 250 }, (_, i) => `lasting.${String(i).padStart(3, '0')}`);
  for (const topic of lasting) publish(topic);
  const seen: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page: Page = await list(`?limit=20&prefix=lasting&after=${encodeURIComponent(after)}`);
    seen.push(...page.topics.map(({ topic }) => topic));
    after = page.next;
    publish(`lasting.new${seen.length}`);
    publish(`aside.${seen.length}`);
  }
  expect(seen.filter((topic) => !topic.includes('new'))).toEqual(lasting);
  expect(new Set(seen).size).toBe(seen.length);
});

it('needs a token where topics do', async () => {
  const reply = await fetch(`${running.url}/topics`);
  expect(reply.status).toBe(401);
  expect(reply.headers.get('www-authenticate')).toBe('Bearer');
});
