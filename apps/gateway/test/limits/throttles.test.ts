// The rates of `throttle`: what each connection of the gateway begins with, whichever way it came, and the admin address without any.

import { afterEach, describe, expect, it } from 'vitest';
import { MemoryClient } from '../in-memory/client.ts';
import { configOf, GatewayInMemory } from '../in-memory/gateway.ts';

let memory: GatewayInMemory;
afterEach(() => memory.stop());

const throttle = { inBytesPerSecond: 20_000, outBytesPerSecond: 10_000 };

/** The rates of all open connections, in the order in which they came. */
const rates = (): number[][] => [...memory.gateway.registry.all()].map((one) => [one.throttle('in'), one.throttle('out')]);

/** A connection that another listener accepted. */
function adopted(): MemoryClient {
  const listener = memory.network.listen(
    { host: 'memory', port: 0 },
    { onAccept: (endpoint) => memory.gateway.adopt(endpoint), onError() {}, onClose() {} },
  );
  const client = MemoryClient.connect(memory.network, listener.address);
  listener.close();
  return client;
}

describe('throttle', () => {
  it('is off by default', async () => {
    memory = await GatewayInMemory.start();
    memory.connect();
    expect(rates()).toEqual([[0, 0]]);
  });

  it('is for connections of the http and command addresses, and for those that are brought', async () => {
    memory = await GatewayInMemory.start({ command: ['127.0.0.1:0'], throttle });
    memory.connect();
    memory.connect(memory.gateway.command[0]);
    adopted();
    expect(rates()).toEqual(Array.from({ length: 3 }, () => [20_000, 10_000]));
  });

  it('slows down what a connection sends and what it takes', async () => {
    memory = await GatewayInMemory.start({ throttle });
    const client = memory.connect();
    client.send(`POST /topics/news HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`);
    memory.pass(6000);
    expect(client.received).toBe('');
    memory.pass(5000);
    expect(client.received).toContain('HTTP/1.1 200 ');
    client.received = '';
    client.send('GET /topics/news HTTP/1.1\r\nHost: h\r\n\r\n');
    memory.pass(18_000);
    expect(client.received.length).toBeGreaterThan(160_000);
    expect(client.received.length).toBeLessThan(200_000);
    memory.pass(4000);
    expect(client.received.length).toBeGreaterThan(200_000);
  });

  it('does not hold the admin address', async () => {
    memory = await GatewayInMemory.start({ throttle: { inBytesPerSecond: 1024, outBytesPerSecond: 1024 } });
    const startedAt = memory.network.clock.now();
    const page = memory.connectAdmin().request('GET /metrics');
    expect(page.length).toBeGreaterThan(2048);
    expect(memory.network.clock.now() - startedAt).toBeLessThan(200);
  });

  it('changes at a reload for those who come later, and one connection’s own can be changed at any time', async () => {
    const settings = { command: ['127.0.0.1:0'], throttle };
    memory = await GatewayInMemory.start(settings);
    memory.connect();
    expect(memory.gateway.reload(configOf({ ...settings, throttle: { outBytesPerSecond: 5000 } }))).toEqual([]);
    memory.connect();
    memory.connect(memory.gateway.command[0]);
    adopted();
    expect(rates()).toEqual([[20_000, 10_000], [0, 5000], [0, 5000], [0, 5000]]);
    const [first] = memory.gateway.registry.all();
    first!.setThrottle('out', 0);
    expect(rates()[0]).toEqual([20_000, 0]);
  });
});
