// `?history=N`: the last N publications, then live. Each exactly once, in order, however the connection fares.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Inbox } from './support/inbox.ts';
import { eventually, runGateway, type RunningGateway } from './support/running-gateway.ts';

let running: RunningGateway;
beforeEach(async () => {
  running = await runGateway({
    config: { windows: { outboundBytes: 16 * 1024, sharedWriteBytes: 4096 }, drain: { retryHintMs: 50, retryJitterMs: 0 }, history: { count: 10_000, bytes: 64 * 1024 * 1024 } },
  });
});
afterEach(async () => {
  await running.stop();
  await eventually('nothing is held', () => running.gateway.pool.outstanding().bytes === 0);
});

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

function publish(from: number, to: number, topic = 'news', pad = 0): void {
  for (const text of numbers(from, to)) {
    const bytes = Buffer.from(text.padEnd(pad));
    running.gateway.hub.publish(topic, bytes, 0, bytes.length, 'text');
  }
}

/** Publishes `from` to `to` over time, so that some come before the subscription, some during its replay and some after. */
async function publishSlowly(from: number, to: number, pad: number): Promise<void> {
  for (let next = from; next <= to; next += 10) {
    publish(next, Math.min(to, next + 9), 'news', pad);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('an EventSource', () => {
  it('gets the last ones, then what is live, and after a break goes on behind what it has', async () => {
    publish(1, 10);
    const inbox = new Inbox<string>();
    const events = new EventSource(`${running.url}/topics/news?history=3`);
    events.addEventListener('message', ({ data }) => inbox.push(data as string));
    expect(await inbox.take(3)).toEqual(['8', '9', '10']);
    publish(11, 12);
    expect(await inbox.take(2)).toEqual(['11', '12']);
    // It comes back to the same URL, with Last-Event-ID.
    for (const connection of running.gateway.registry.all()) if (connection.session.protocol === 'sse') connection.drain();
    await eventually('the stream has ended', () => running.gateway.hub.stats().subscriptions === 0);
    publish(13, 14);
    expect(await inbox.take(2)).toEqual(['13', '14']);
    publish(15, 15);
    expect(await inbox.next()).toBe('15');
    events.close();
  });

  it('that breaks before its first message misses nothing of what it asked for', async () => {
    publish(1, 5);
    const response = await fetch(`${running.url}/topics/news?history=3`, { headers: { accept: 'text/event-stream' } });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('\n\n')) text += (await reader.read()).value ?? '';
    await reader.cancel();
    const id = /^id: (.*)$/m.exec(text)![1]!;
    publish(6, 6);
    const inbox = new Inbox<string>();
    const socket = new WebSocket(`${running.wsUrl}/topics/news?since=${id}`);
    socket.on('message', (data: Buffer) => inbox.push(data.toString()));
    expect(await inbox.take(4)).toEqual(['3', '4', '5', '6']);
    socket.terminate();
  });
});

describe.each([['raw', []], ['sluice.v1', ['sluice.v1']]])('a %s WebSocket', (_, protocols) => {
  const dataOf = (message: Buffer): string | null => {
    const text = message.toString();
    if (protocols.length === 0) return text.trim();
    const { type, data } = JSON.parse(text) as { type?: string; data: string };
    return type === undefined ? data.trim() : null;
  };

  // The replay is ten times the window, so it takes many turns of the loop, and the rest is published meanwhile.
  it('gets more than its window holds, while more is published: each once, in order', async () => {
    publish(1, 2000, 'news', 100);
    const received: string[] = [];
    const publishing = publishSlowly(2001, 3000, 100);
    const socket = new WebSocket(`${running.wsUrl}/topics/news?history=1500`, protocols);
    socket.on('message', (message: Buffer) => {
      const data = dataOf(message);
      if (data !== null) received.push(data);
    });
    await Promise.all([once(socket, 'open'), publishing]);
    await eventually('it has the last', () => received.at(-1) === '3000', 20_000);
    expect(Number(received[0])).toBeGreaterThanOrEqual(501);
    expect(received).toEqual(numbers(Number(received[0]), 3000));
    expect(received.length).toBeGreaterThanOrEqual(1500);
    socket.terminate();
  });

  it('of a pattern gets the last of all its topics together', async () => {
    publish(1, 3, 'news.a');
    publish(4, 4, 'sport');
    publish(5, 6, 'news.b');
    const inbox = new Inbox<string>();
    const socket = new WebSocket(`${running.wsUrl}/topics/news.*?history=4`, protocols);
    socket.on('message', (message: Buffer) => {
      const data = dataOf(message);
      if (data !== null) inbox.push(data);
    });
    expect(await inbox.take(4)).toEqual(['2', '3', '5', '6']);
    publish(7, 7, 'news.a');
    expect(await inbox.next()).toBe('7');
    socket.terminate();
  });
});

it('the recipe of docs/http-api.md shows each message once, through lost connections', async () => {
  publish(1, 60, 'chat');
  const page = readFileSync(new URL('../docs/http-api.md', import.meta.url), 'utf8');
  const recipe = /```js\n(let since = null;[^]*?)```/.exec(page)![1]!;
  // Only the address is another, and the pause before it connects again.
  const code = recipe.replace('ws://127.0.0.1:8080', running.wsUrl).replace('1000 + 1000 * Math.random()', '20');
  const shown: string[] = [];
  let isOver = false;
  const schedule = (connect: () => void, delayMs: number): void => void (isOver || setTimeout(connect, delayMs));
  new Function('show', 'WebSocket', 'setTimeout', code)((data: string) => shown.push(data), WebSocket, schedule);
  await eventually('it has the history', () => shown.length === 50);
  const { hub, registry } = running.gateway;
  for (const next of [61, 63, 65]) {
    for (const connection of registry.all()) connection.abort('aborted');
    await eventually('it is gone', () => hub.stats().subscriptions === 0);
    publish(next, next, 'chat');
    await eventually('it is back', () => hub.stats().subscriptions === 1);
    publish(next + 1, next + 1, 'chat');
    await eventually('it has both', () => shown.at(-1) === String(next + 1));
  }
  expect(shown).toEqual(numbers(11, 66));
  isOver = true;
});
