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

  it('resume behind Last-Event-ID, which wins over the query', async () => {
    memory = await GatewayInMemory.start();
    for (const text of ['1', '2', '3']) publish('news', text);
    const { epoch } = memory.gateway.hub.history('news');
    const text = stream(open(`news?since=${epoch}:0`, [`Last-Event-ID: ${epoch}:2`]));
    expect(text).toBe(`: ready\n\nid: ${epoch}:3\ndata: 3\n\n`);
  });

  it('tell of a gap before what there still is', async () => {
    memory = await GatewayInMemory.start({ history: { count: 1 } });
    for (const text of ['1', '2', '3']) publish('news', text);
    const { epoch } = memory.gateway.hub.history('news');
    expect(stream(open(`news?since=${epoch}:1`))).toMatch(/event: gap\ndata: \{"reason":"tooOld".*"missed":1\}\n\nid: .*:3\ndata: 3\n\n$/);
  });

  it('come without the chunked coding on HTTP/1.0, up to the close', async () => {
    memory = await GatewayInMemory.start();
    const client = open('news', [], '1.0');
    expect(client.received).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nid: /);
    expect(client.received).not.toContain('Transfer-Encoding');
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
    memory = await GatewayInMemory.start({ drain: { retryHintMs: 1234 } });
    const client = open('news');
    client.received = '';
    await memory.run(memory.gateway.drain);
    expect(client.received).toBe(`d\r\nretry: 1234\n\n\r\n0\r\n\r\n`);
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

  it('ends for a reader that does not keep up', async () => {
    memory = await GatewayInMemory.start({ windows: { outboundBytes: 65_536, sharedWriteBytes: 16_384 } });
    const client = open('news');
    client.endpoint.setReading(false);
    for (let i = 0; i < 10; i++) {
      publish('news', 'x'.repeat(40_000));
      memory.pass(1);
    }
    expect(memory.gateway.hub.stats().subscriptions).toBe(0);
    client.endpoint.setReading(true);
    memory.pass(1000);
    expect(client.hasEnded).toBe(true);
    expect(memory.gateway.registry.closes().get('slowConsumer')).toBe(1);
  });
});
