import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Connection, HttpExchange } from '@sluice/connection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepRequestFacts, nameOf, peerOf, requestFactsOf, subscribedOf } from '../../src/inspection/connection-facts.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest } from './admin-client.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start({ command: ['127.0.0.1:0'], auth: { tokens: ['hush'] } });
});
afterEach(() => running.stop());

describe('what the gateway knows of a connection', () => {
  it('is the request it began with, without the token, shared by all that are alike', () => {
    for (let i = 0; i < 2; i++) running.connect().upgrade('/topics/a?access%5Ftoken=hush', 'User-Agent: one');
    running.connect().upgrade('/topics/a?access_token=hush', 'User-Agent: two');
    running.connect().request('GET /topics/a', 'Accept: text/event-stream', 'Authorization: Bearer hush');
    const facts = [...running.gateway.registry.all()].map(requestFactsOf);
    expect(facts[0]).toEqual({ uri: '/topics/a?access_token=***', userAgent: 'one', origin: null });
    expect(facts[1]).toBe(facts[0]);
    expect(facts[2]).toMatchObject({ userAgent: 'two' });
    expect(facts[3]).toEqual({ uri: '/topics/a', userAgent: null, origin: null });
    expect(JSON.stringify(facts)).not.toContain('hush');
  });

  it('is cut where it is long', () => {
    running.connect().upgrade(`/topics/a?access_token=hush&x=${'y'.repeat(3000)}`, `User-Agent: ${'z'.repeat(3000)}`);
    const { uri, userAgent } = requestFactsOf(newest(running))!;
    expect([uri.length, userAgent!.length]).toEqual([512, 512]);
  });

  it('keeps nothing of what was cut off', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heapBytes = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = heapBytes();
    const connections = Array.from({ length: 400 }, (_, at) => {
      const connection = { userData: null };
      const fields: Record<string, string> = { 'user-agent': `${at}${'z'.repeat(60_000)}` };
      const exchange = { head: { get: (name: string) => fields[name] ?? null }, target: '/topics/a', session: { connection } };
      keepRequestFacts(exchange as unknown as HttpExchange);
      return connection as unknown as Connection;
    });
    // Whole, they would be 24 MB.
    expect(heapBytes() - before).toBeLessThan(8_000_000);
    expect(connections.every((connection) => requestFactsOf(connection)!.userAgent!.length === 512)).toBe(true);
  });

  it('is nothing of plain HTTP', () => {
    running.connect().request('GET /topics/a', 'Authorization: Bearer hush');
    const connection = newest(running);
    expect([requestFactsOf(connection), nameOf(connection), subscribedOf(connection)]).toEqual([null, null, { topics: [], tags: [] }]);
  });

  it('is topics and tags, for sockets behind a rate and command connections too', () => {
    running.connect().upgrade('/topics/a?tag=x&access_token=hush');
    expect(subscribedOf(newest(running))).toMatchObject({ topics: ['a'], tags: ['x'] });
    running.connect(running.gateway.command[0]!);
    running.pass(1);
    expect(subscribedOf(newest(running))).toMatchObject({ topics: [], tags: [] });
    expect(peerOf(newest(running))).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});
