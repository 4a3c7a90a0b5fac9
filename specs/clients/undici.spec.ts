// undici's fetch, WebSocket, EventSource and pipelining client: what Node's own globals are made of.

import { once } from 'node:events';
import { Client, EventSource, WebSocket, fetch } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox } from '../support/inbox.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';

let running: RunningGateway;
beforeEach(async () => {
  running = await runGateway();
});
afterEach(() => running.stop());

const publish = async (body: string): Promise<{ epoch: string; offset: number }> => {
  const reply = await fetch(`${running.url}/topics/news`, { method: 'POST', body });
  return (await reply.json()) as { epoch: string; offset: number };
};

describe('fetch', () => {
  it('publishes, also from a stream of unknown length, and reads history', async () => {
    await publish('first');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of ['sec', 'ond']) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    const reply = await fetch(`${running.url}/topics/news`, { method: 'POST', body, duplex: 'half' });
    expect(await reply.json()).toMatchObject({ offset: 2 });
    const history = await (await fetch(`${running.url}/topics/news?limit=5`)).json();
    expect(history).toMatchObject({ topic: 'news', publications: [{ data: 'first' }, { data: 'second' }] });
  });

  it('keeps its connections', async () => {
    for (let count = 0; count < 20; count++) await publish('x');
    // A second one where a request is made before the last reply's end was noticed.
    expect(running.gateway.registry.opened).toBeLessThanOrEqual(2);
  });

  it('revalidates a file', async () => {
    const first = await fetch(`${running.url}/app.css`);
    await first.text();
    const again = await fetch(`${running.url}/app.css`, { headers: { 'if-none-match': first.headers.get('etag')! } });
    expect(again.status).toBe(304);
  });
});

describe('Client', () => {
  it('pipelines ten requests', async () => {
    const client = new Client(running.url, { pipelining: 10 });
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, at) => client.request({ method: 'GET', path: `/topics/pipelined.${at}` }).then(({ body }) => body.json())),
    );
    expect(replies).toMatchObject(Array.from({ length: 50 }, (_, at) => ({ topic: `pipelined.${at}` })));
    expect(running.gateway.registry.opened).toBe(1);
    await client.close();
  });
});

describe('WebSocket', () => {
  it('publishes and gets publications, with compression', async () => {
    const socket = new WebSocket(`${running.wsUrl}/topics/news`);
    socket.binaryType = 'arraybuffer';
    const inbox = new Inbox<unknown>();
    socket.addEventListener('message', ({ data }) => inbox.push(data));
    await once(socket, 'open');
    await publish('posted');
    expect(await inbox.next()).toBe('posted');
    const long = 'again and '.repeat(5000);
    socket.send(long);
    expect(await inbox.next()).toBe(long);
    socket.send(Uint8Array.of(1, 2, 255));
    expect(new Uint8Array((await inbox.next()) as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 255));
    socket.close(3001, 'done');
    const [{ code, wasClean }] = (await once(socket, 'close')) as [{ code: number; wasClean: boolean }];
    expect({ code, wasClean }).toEqual({ code: 3001, wasClean: true });
  });

  it('gets 1001 when the gateway drains', async () => {
    const socket = new WebSocket(`${running.wsUrl}/topics/news`, ['sluice.v1']);
    await once(socket, 'open');
    expect(socket.protocol).toBe('sluice.v1');
    for (const connection of running.gateway.registry.all()) connection.drain();
    const [{ code, wasClean }] = (await once(socket, 'close')) as [{ code: number; wasClean: boolean }];
    expect({ code, wasClean }).toEqual({ code: 1001, wasClean: true });
  });
});

describe('EventSource', () => {
  it('gets publications, comes back by itself when the connection is lost, and misses nothing', async () => {
    const events = new EventSource(`${running.url}/topics/news`);
    const inbox = new Inbox<{ data: string; lastEventId: string }>();
    const greeting = new Promise((resolve) => events.addEventListener('subscribed', resolve));
    events.addEventListener('message', ({ data, lastEventId }) => inbox.push({ data: data as string, lastEventId }));
    await greeting;
    const { epoch } = await publish('one');
    expect(await inbox.next()).toEqual({ data: 'one', lastEventId: `${epoch}:1` });
    for (const connection of running.gateway.registry.all()) if (connection.session.protocol === 'sse') connection.drain();
    await eventually('the stream has ended', () => running.gateway.hub.stats().subscriptions === 0);
    await publish('two\nlines');
    expect(await inbox.next()).toEqual({ data: 'two\nlines', lastEventId: `${epoch}:2` });
    await publish('three');
    expect((await inbox.next()).data).toBe('three');
    events.close();
    await eventually('it has gone', () => running.gateway.hub.stats().subscriptions === 0);
  });
});
