// The `eventsource` package as a client.

import { EventSource } from 'eventsource';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Inbox } from '../support/inbox.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';

let running: RunningGateway;
let events: EventSource;
beforeEach(async () => {
  running = await runGateway({ config: { history: { count: 3 }, drain: { retryHintMs: 250, retryJitterMs: 0 }, auth: { tokens: ['secret'] } } });
});
afterEach(async () => {
  events.close();
  await running.stop();
});

const publish = async (body: string | Uint8Array<ArrayBuffer>): Promise<void> => {
  const reply = await fetch(`${running.url}/topics/news`, { method: 'POST', body, headers: { authorization: 'Bearer secret' } });
  expect(reply.status).toBe(200);
};

interface Received {
  readonly type: string;
  readonly data: string;
}

async function subscribe(): Promise<Inbox<Received>> {
  events = new EventSource(`${running.url}/topics/news?access_token=secret`);
  const inbox = new Inbox<Received>();
  for (const type of ['subscribed', 'message', 'binary', 'gap']) {
    events.addEventListener(type, (event) => inbox.push({ type, data: (event as unknown as { data: string }).data }));
  }
  expect(await inbox.next()).toEqual({ type: 'subscribed', data: '{}' });
  return inbox;
}

/** Ends its stream, and lets it come back only once something has been published meanwhile. */
async function interrupt(meanwhile: () => Promise<void>): Promise<void> {
  for (const connection of running.gateway.registry.all()) if (connection.session.protocol === 'sse') connection.drain();
  await eventually('the stream has ended', () => running.gateway.hub.stats().subscriptions === 0);
  await meanwhile();
}

it('gets texts of several lines, and binary as base64', async () => {
  const inbox = await subscribe();
  await publish('hello\n\nworld');
  await publish(Uint8Array.of(255, 0));
  expect(await inbox.take(2)).toEqual([
    { type: 'message', data: 'hello\n\nworld' },
    { type: 'binary', data: '/wA=' },
  ]);
});

it('a token that is not known is an error that it does not retry', async () => {
  events = new EventSource(`${running.url}/topics/news?access_token=other`);
  const code = await new Promise((resolve) => events.addEventListener('error', (error) => resolve(error.code)));
  expect(code).toBe(401);
  expect(events.readyState).toBe(EventSource.CLOSED);
});

it('comes back after the time it was told and goes on where it was', async () => {
  const inbox = await subscribe();
  await publish('1');
  expect(await inbox.next()).toEqual({ type: 'message', data: '1' });
  await interrupt(async () => {
    await publish('2');
    await publish('3');
  });
  await publish('4');
  expect(await inbox.take(3)).toEqual(['2', '3', '4'].map((data) => ({ type: 'message', data })));
});

it('is told of the gap when it was away for too long', async () => {
  const inbox = await subscribe();
  await publish('1');
  await inbox.next();
  await interrupt(async () => {
    for (let count = 2; count <= 6; count++) await publish(String(count));
  });
  const gap = await inbox.next();
  expect(gap.type).toBe('gap');
  expect(JSON.parse(gap.data)).toMatchObject({ reason: 'tooOld', missed: 2 });
  expect((await inbox.take(3)).map(({ data }) => data)).toEqual(['4', '5', '6']);
});
