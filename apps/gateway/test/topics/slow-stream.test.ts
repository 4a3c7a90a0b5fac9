// What does not go through the window of an event stream or a history reply is bounded all the same.

import { afterEach, expect, it } from 'vitest';
import { MemoryNetwork } from '@sluice/transport-memory';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

function publish(topic: string, bytes: number): void {
  memory.gateway.hub.publish(topic, Buffer.alloc(bytes, 'x'), 0, bytes, 'text');
}

it('an event stream whose client takes nothing gets no comments, and is given up after the idle time', async () => {
  const timeouts = { pingIntervalMs: 1000, idleTimeoutMs: 5000, closeTimeoutMs: 500 };
  memory = await GatewayInMemory.start({ timeouts }, new MemoryNetwork({ seed: 1, pipeBytes: 4096 }));
  const client = memory.connect();
  client.request('GET /topics/a', 'Accept: text/event-stream');
  client.endpoint.setReading(false);
  for (let i = 0; i < 100; i++) publish('a', 1000);
  memory.pass(100);
  const [connection] = memory.gateway.registry.all();
  const queued = connection!.queuedBytes;
  expect(queued).toBeGreaterThan(0);
  memory.pass(3500);
  expect(connection!.queuedBytes).toBe(queued);
  memory.pass(3500);
  expect(memory.gateway.registry.size).toBe(0);
  expect(memory.gateway.registry.closes().get('idleTimeout')).toBe(1);
});

it('a page of history ends at 4 MiB: the newest without a position, the oldest behind one', async () => {
  memory = await GatewayInMemory.start({ history: { bytes: 64 * 1024 * 1024 } });
  for (let i = 0; i < 6; i++) publish('a', 1024 * 1024);
  const offsets = (target: string): number[] => {
    const reply = memory.connect().request(`GET ${target}`);
    const { publications } = JSON.parse(reply.slice(reply.indexOf('\r\n\r\n'))) as { publications: { offset: number }[] };
    return publications.map(({ offset }) => offset);
  };
  expect(offsets('/topics/a')).toEqual([3, 4, 5, 6]);
  const { epoch } = memory.gateway.hub.history('a');
  expect(offsets(`/topics/a?since=${epoch}:1`)).toEqual([2, 3, 4, 5]);
  publish('b', 1024 * 1024);
  expect(offsets('/topics/b')).toEqual([1]);
});

it('what an event stream was sent stands in the access log', async () => {
  memory = await GatewayInMemory.start();
  const client = memory.connect();
  client.request('GET /topics/a', 'Accept: text/event-stream');
  publish('a', 5000);
  memory.pass(100);
  client.endpoint.shutdown();
  memory.pass(100);
  const line = (await memory.lines()).find(({ log }) => log === 'request');
  expect(line!.bytesOut).toBeGreaterThan(5000);
  expect(line!.bytesOut).toBeLessThan(5500);
});

it('HEAD is answered as GET would be, also of an event stream', async () => {
  memory = await GatewayInMemory.start();
  const client = memory.connect();
  const reply = client.request('HEAD /topics/a', 'Accept: text/event-stream');
  expect(reply).toMatch(/^HTTP\/1\.1 200 [^]*Content-Type: text\/event-stream\r\n/);
  expect(client.request('HEAD /topics/a')).toMatch(/Content-Type: application\/json\r\n/);
  expect(memory.gateway.hub.stats().subscriptions).toBe(0);
});
