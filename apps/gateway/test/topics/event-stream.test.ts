import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

function publish(topic: string, text: string): void {
  memory.gateway.hub.publish(topic, Buffer.from(text), 0, Buffer.byteLength(text), 'text');
}

function open(target: string, fields: readonly string[] = [], version = '1.1'): MemoryClient {
  const client = memory.connect();
  client.send(`${[`GET /topics/${target} HTTP/${version}`, 'Host: memory', 'Accept: text/event-stream', ...fields].join('\r\n')}\r\n\r\n`);
  memory.pass(10);
  return client;
}

/** The stream behind the head, without the chunked coding, taken. */
function stream(client: MemoryClient): string {
  memory.pass(10);
  const text = client.received.replace(/^HTTP\/1\.1 [^]*?\r\n\r\n/, '');
  client.received = '';
  return text.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/g, '').replace(/\r\n$/, '');
}

describe('events', () => {
  it('begin with a position to resume from, and carry one each', async () => {
    memory = await GatewayInMemory.start();
    const client = open('news');
    expect(stream(client)).toBe(`id: ${memory.gateway.hub.epoch}:0\nevent: subscribed\ndata: {}\n\n`);
    publish('news', 'one\ntwo');
    expect(stream(client)).toBe(`id: ${memory.gateway.hub.history('news').epoch}:1\ndata: one\ndata: two\n\n`);
  });

  it('are documents that name their topic where format=sluice.v1 asks for them', async () => {
    memory = await GatewayInMemory.start();
    const { hub } = memory.gateway;
    const one = open('chat.a?format=sluice.v1');
    const many = open('chat.*?format=sluice.v1&tag=team');
    for (const client of [one, many]) stream(client);
    publish('chat.a', 'first\nline');
    publish('chat.b', 'second');
    hub.publish('chat.b', Uint8Array.of(0, 255), 0, 2, 'binary');
    hub.sendTextByTag('team', Buffer.from('to the team'));
    const { epoch, publications } = hub.history('chat.a');
    const a = { topic: 'chat.a', epoch, offset: 1, time: publications[0]!.timeMs };
    expect(stream(one)).toBe(`id: ${epoch}:1\ndata: ${JSON.stringify({ ...a, data: 'first\nline' })}\n\n`);
    const events = stream(many).trim().split('\n\n').map((event) => event.split('\n'));
    expect(events.map((lines) => lines.filter((line) => line.startsWith('id: ')))).toEqual([1, 2, 3].map((at) => [`id: ${hub.epoch}:${at}`]).concat([[]]));
    const documents = events.map((lines) => JSON.parse(lines.at(-1)!.slice('data: '.length)) as Record<string, unknown>);
    expect(documents[0]).toEqual({ ...a, data: 'first\nline', position: `${hub.epoch}:1` });
    expect(documents[1]).toMatchObject({ topic: 'chat.b', data: 'second', position: `${hub.epoch}:2` });
    expect(documents[2]).toMatchObject({ topic: 'chat.b', base64: 'AP8=', position: `${hub.epoch}:3` });
    expect(documents[3]).toMatchObject({ tag: 'team', data: 'to the team' });
  });

  it('have no other format', async () => {
    memory = await GatewayInMemory.start();
    const client = open('news?format=xml');
    memory.pass(10);
    expect(client.received).toMatch(/^HTTP\/1\.1 400 [^]*"The only format of an event stream is sluice\.v1; without format the data is the payload\."/);
  });

  it('resume behind Last-Event-ID, which wins over the query', async () => {
    memory = await GatewayInMemory.start();
    for (const text of ['1', '2', '3']) publish('news', text);
    const { epoch } = memory.gateway.hub.history('news');
    const text = stream(open(`news?since=${epoch}:0`, [`Last-Event-ID: ${epoch}:2`]));
    expect(text).toBe(`: ready\n\nid: ${epoch}:3\ndata: 3\n\n`);
  });

  it('begin with the last of the history where that was asked for, at a position that brings them again', async () => {
    memory = await GatewayInMemory.start();
    for (const text of ['1', '2', '3']) publish('news', text);
    const { hub } = memory.gateway;
    const { epoch } = hub.history('news');
    const client = open('news?history=2');
    publish('news', '4');
    const greeting = `id: ${hub.epoch}:1\nevent: subscribed\ndata: {}\n\n`;
    expect(stream(client)).toBe(`${greeting}id: ${epoch}:2\ndata: 2\n\nid: ${epoch}:3\ndata: 3\n\nid: ${epoch}:4\ndata: 4\n\n`);
  });

  it('resume behind Last-Event-ID, which wins over the history that the URL asks for', async () => {
    memory = await GatewayInMemory.start();
    for (const text of ['1', '2', '3']) publish('news', text);
    const { epoch } = memory.gateway.hub.history('news');
    expect(stream(open('news?history=3', [`Last-Event-ID: ${epoch}:2`]))).toBe(`: ready\n\nid: ${epoch}:3\ndata: 3\n\n`);
  });

  it('resume without a gap after ten quiet minutes in which the topic was forgotten', async () => {
    memory = await GatewayInMemory.start({ history: { ageMs: 1000 } });
    publish('news', '1');
    const { hub } = memory.gateway;
    const { epoch } = hub.history('news');
    memory.pass(15 * 60_000);
    expect(hub.stats().topics).toBe(0);
    const clients = [`${epoch}:1`, `${hub.epoch}:1`].map((id) => open('news', [`Last-Event-ID: ${id}`]));
    publish('news', '2');
    for (const client of clients) expect(stream(client)).toBe(`: ready\n\nid: ${epoch}:2\ndata: 2\n\n`);
  });

  it('tell of a gap before what there still is', async () => {
    memory = await GatewayInMemory.start({ history: { count: 1 } });
    for (const text of ['1', '2', '3']) publish('news', text);
    const { epoch } = memory.gateway.hub.history('news');
    const position = `${memory.gateway.hub.epoch}:2`;
    const gap = { reason: 'tooOld', topic: 'news', epoch, oldestOffset: 3, missed: 1, position };
    const told = `: ready\n\nid: ${position}\nevent: gap\ndata: ${JSON.stringify(gap)}\n\n`;
    expect(stream(open(`news?since=${epoch}:1`))).toBe(`${told}id: ${epoch}:3\ndata: 3\n\n`);
    expect(stream(open('news', [`Last-Event-ID: ${position}`]))).toBe(`: ready\n\nid: ${epoch}:3\ndata: 3\n\n`);
  });

  it('come without the chunked coding on HTTP/1.0, up to the close', async () => {
    memory = await GatewayInMemory.start();
    const client = open('news', [], '1.0');
    expect(client.received).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nid: /);
    expect(client.received).not.toContain('Transfer-Encoding');
    client.received = '';
    publish('news', 'one');
    memory.pass(10);
    expect(client.received).toMatch(/^id: \w+:1\ndata: one\n\n$/);
  });

  it('carry the hub’s position where several topics may meet, and resume from it', async () => {
    memory = await GatewayInMemory.start();
    const { epoch } = memory.gateway.hub;
    publish('other', 'x');
    for (const topic of ['news.a', 'news.b', 'news.a']) publish(topic, topic);
    expect(stream(open('news.*', [`Last-Event-ID: ${epoch}:2`]))).toBe(`: ready\n\nid: ${epoch}:3\ndata: news.b\n\nid: ${epoch}:4\ndata: news.a\n\n`);
  });
});

describe('the stream', () => {
  it('comments while it is quiet, for as long as it lives', async () => {
    memory = await GatewayInMemory.start({ timeouts: { pingIntervalMs: 1000, idleTimeoutMs: 2000 } });
    const client = open('news');
    stream(client);
    memory.pass(3500);
    expect(stream(client)).toBe(': still here\n\n'.repeat(3));
  });

  it('tells when to come back when the gateway drains, and ends in good order', async () => {
    memory = await GatewayInMemory.start({ drain: { retryHintMs: 1234, retryJitterMs: 2000 } });
    const client = open('news');
    client.received = '';
    await memory.run(memory.gateway.drain);
    expect(client.received).toBe(`d\r\nretry: 2234\n\n\r\n0\r\n\r\n`);
    expect(client.hasEnded).toBe(true);
  });

  it('ends with the client’s FIN, and is one line in the access log', async () => {
    memory = await GatewayInMemory.start();
    const client = open('news');
    client.endpoint.shutdown();
    memory.pass(100);
    expect(memory.gateway.hub.stats().subscriptions).toBe(0);
    expect(memory.gateway.registry.size).toBe(0);
    const lines = await memory.lines();
    expect(lines.filter(({ log }) => log === 'request')).toMatchObject([{ target: '/topics/news', status: 200 }]);
    expect(lines.filter(({ log }) => log === 'close')).toMatchObject([{ protocol: 'sse', reason: 'peerClosed' }]);
  });

  it('ends with the hub, in good order', async () => {
    memory = await GatewayInMemory.start({ drain: { retryHintMs: 1234, retryJitterMs: 2000 } });
    const client = open('news');
    client.received = '';
    memory.gateway.hub.destroy();
    memory.pass(100);
    expect(client.received).toBe(`d\r\nretry: 2234\n\n\r\n0\r\n\r\n`);
    expect(memory.gateway.registry.size).toBe(0);
  });

  it('drops what comes behind its request', async () => {
    memory = await GatewayInMemory.start();
    const client = open('news');
    stream(client);
    for (let i = 0; i < 10; i++) {
      client.send('GET /topics/other HTTP/1.1\r\nHost: memory\r\n\r\n');
      memory.pass(1);
    }
    publish('news', 'on');
    expect(stream(client)).toMatch(/^id: .*:1\ndata: on\n\n$/);
    client.endpoint.shutdown();
    memory.pass(100);
    expect(memory.gateway.registry.size).toBe(0);
  });
});

describe('a reader that does not keep up', () => {
  const windows = { outboundBytes: 65_536, sharedWriteBytes: 16_384 };

  /** Twenty events while it does not read, and then what it gets of them. */
  function missing(client: MemoryClient): string {
    stream(client);
    client.endpoint.setReading(false);
    for (let i = 1; i <= 20; i++) {
      publish('news', 'x'.repeat(40_000) + i);
      memory.pass(1);
      expect([...memory.gateway.registry.all()].every(({ queuedBytes }) => queuedBytes <= 65_536)).toBe(true);
    }
    client.endpoint.setReading(true);
    memory.pass(1000);
    return client.received;
  }

  it('is let go under disconnect, its reply whole', async () => {
    memory = await GatewayInMemory.start({ windows });
    const client = open('news');
    expect(missing(client)).toMatch(/\n\n\r\n0\r\n\r\n$/);
    expect(client.hasEnded).toBe(true);
    expect(memory.gateway.hub.stats().subscriptions).toBe(0);
    expect(memory.gateway.registry.closes().get('slowConsumer')).toBe(1);
  });

  it.each([
    ['conflate', 'conflated', [20]],
    ['dropOldest', 'dropped', [18, 19, 20]],
  ])('goes on under %s, and is told of what it missed', async (policy, reason, last) => {
    memory = await GatewayInMemory.start({ windows, slowSubscriber: { policy }, history: { count: 3 } });
    const text = missing(open('news'));
    const offsets = [...text.matchAll(/^id: t\w+:(\d+)$/gm)].map(([, offset]) => Number(offset));
    const gaps = [...text.matchAll(/^event: gap\ndata: (.*)$/gm)].map(([, gap]) => JSON.parse(gap!) as { reason: string; missed: number });
    expect(gaps).toMatchObject([{ reason, missed: 20 - offsets.length }]);
    expect(offsets).toEqual([...offsets.slice(0, -last.length).map((_, i) => i + 1), ...last]);
  });
});
