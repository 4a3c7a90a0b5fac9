// Positions over real sockets: a topic has one before anybody has published to it, and a gap says where it ends.

import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Inbox } from './support/inbox.ts';
import { eventually, runGateway, type RunningGateway } from './support/running-gateway.ts';

let running: RunningGateway;
beforeEach(async () => {
  running = await runGateway({ config: { history: { overrides: [{ pattern: 'unkept', count: 0 }] }, drain: { retryHintMs: 50, retryJitterMs: 0 } } });
});
afterEach(() => running.stop());

interface Page {
  readonly epoch: string;
  readonly nextOffset: number;
}

const publish = async (topic: string, body: string): Promise<void> => void (await fetch(`${running.url}/topics/${topic}`, { method: 'POST', body }));

/** Ends all event streams, as a proxy that restarts would, and waits until they are gone. */
async function interrupt(): Promise<void> {
  for (const connection of running.gateway.registry.all()) if (connection.session.protocol === 'sse') connection.drain();
  await eventually('the stream has ended', () => running.gateway.hub.stats().subscriptions === 0);
}

describe('a topic that nobody has published to', () => {
  it('has a position: a publication between GET and the subscription arrives, once', async () => {
    const { epoch, nextOffset } = (await (await fetch(`${running.url}/topics/fresh`)).json()) as Page;
    expect(epoch).toMatch(/^t/);
    await publish('fresh', '1');
    const inbox = new Inbox<string>();
    const socket = new WebSocket(`${running.wsUrl}/topics/fresh?since=${epoch}:${nextOffset - 1}`);
    socket.on('message', (data: Buffer) => inbox.push(data.toString()));
    expect(await inbox.next()).toBe('1');
    await publish('fresh', '2');
    expect(await inbox.next()).toBe('2');
    socket.terminate();
  });

  it('is history too: with ?history= the publication arrives without a position', async () => {
    await publish('fresh', '1');
    const inbox = new Inbox<string>();
    const socket = new WebSocket(`${running.wsUrl}/topics/fresh?history=10`);
    socket.on('message', (data: Buffer) => inbox.push(data.toString()));
    expect(await inbox.next()).toBe('1');
    socket.terminate();
  });
});

describe('a client behind a gap that reconnects without a new message', () => {
  it('over an EventSource is told once', async () => {
    const inbox = new Inbox<string>();
    const events = new EventSource(`${running.url}/topics/unkept`);
    for (const type of ['gap', 'message']) events.addEventListener(type, (event) => inbox.push(type === 'gap' ? 'gap' : String(event.data)));
    await eventually('it is subscribed', () => running.gateway.hub.stats().subscriptions === 1);
    await interrupt();
    await publish('unkept', '1');
    expect(await inbox.next()).toBe('gap');
    for (let i = 0; i < 3; i++) {
      await interrupt();
      await eventually('it is back', () => running.gateway.hub.stats().subscriptions === 1);
    }
    await publish('unkept', '2');
    expect(await inbox.next()).toBe('2');
    events.close();
  });

  it('with nothing left to deliver resumes from the position of the gap', async () => {
    const { hub } = running.gateway;
    const open = (query: string): { socket: WebSocket; inbox: Inbox<Record<string, unknown>> } => {
      const inbox = new Inbox<Record<string, unknown>>();
      const socket = new WebSocket(`${running.wsUrl}/topics/none?${query}`, 'sluice.v1');
      socket.on('message', (data: Buffer) => inbox.push(JSON.parse(data.toString()) as Record<string, unknown>));
      return { socket, inbox };
    };
    const first = open('since=t0:7');
    const [, gap] = await first.inbox.take(2);
    expect(gap).toMatchObject({ type: 'gap', reason: 'epochChanged', position: `${hub.epoch}:0` });
    first.socket.terminate();
    const second = open(`since=${String(gap!['position'])}`);
    await publish('none', '1');
    expect(await second.inbox.take(2)).toMatchObject([{ type: 'resumed' }, { data: '1' }]);
    second.socket.terminate();
  });
});
