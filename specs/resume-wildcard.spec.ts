// A subscription with wildcards resumes too: every envelope carries the hub's position.

import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, runGateway, type RunningGateway } from './support/running-gateway.ts';

let running: RunningGateway;
afterEach(() => running.stop());

interface Envelope {
  readonly type?: string;
  readonly topic?: string;
  readonly data?: string;
  readonly position?: string;
}

async function watch(query = ''): Promise<{ socket: WebSocket; envelopes: Envelope[] }> {
  const socket = new WebSocket(`${running.wsUrl}/topics/news.*${query}`, ['sluice.v1']);
  const envelopes: Envelope[] = [];
  socket.on('message', (data: Buffer) => envelopes.push(JSON.parse(data.toString()) as Envelope));
  await new Promise((resolve) => socket.once('open', resolve));
  return { socket, envelopes };
}

it('goes on over several topics where it was, in the order of publication', async () => {
  running = await runGateway();
  const { hub } = running.gateway;
  const publish = (topic: string, text: string) => hub.publish(topic, Buffer.from(text), 0, text.length, 'text');
  const first = await watch();
  publish('news.a', '1');
  publish('news.b', '2');
  await eventually('two arrived', () => first.envelopes.length === 3);
  const { position } = first.envelopes.at(-1)!;
  expect(position).toMatch(/^h[0-9a-z]+:\d+$/);
  first.socket.terminate();
  for (const [topic, text] of [['news.a', '3'], ['other', 'x'], ['news.c', '4'], ['news.b', '5']] as const) publish(topic, text);
  const second = await watch(`?since=${position}`);
  await eventually('the rest arrived', () => second.envelopes.length === 4);
  publish('news.a', '6');
  await eventually('and what is new', () => second.envelopes.length === 5);
  expect(second.envelopes[0]).toMatchObject({ type: 'resumed' });
  expect(second.envelopes.slice(1).map(({ data }) => data)).toEqual(['3', '4', '5', '6']);
  second.socket.terminate();
});
