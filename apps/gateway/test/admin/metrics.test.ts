// What the metrics say of a gateway to which known things have happened.

import { closeReasons } from '@sluice/connection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { endOfTurn } from '../log/lines.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start();
});
afterEach(() => running.stop());

function value(sample: string): number | undefined {
  const line = running.gateway.metrics.format().split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length));
}

describe('GatewayMetrics', () => {
  it('has help, type and value of each metric, and no sample twice', () => {
    const lines = running.gateway.metrics.format().trimEnd().split('\n');
    const samples = lines.filter((line) => !line.startsWith('#'));
    for (const sample of samples) expect(sample).toMatch(/^(?:sluice|process)_[a-z_]+(?:\{(?:[a-z]+="[^"]+",?)+\})? \d+(?:\.\d+)?(?:e[-+]?\d+)?$/i);
    expect(new Set(samples.map((sample) => sample.split(' ')[0])).size).toBe(samples.length);
    for (const name of new Set(samples.map((sample) => /^[a-z_]+/.exec(sample)![0].replace(/(delay_seconds)_(?:bucket|sum|count)$/, '$1')))) {
      expect(lines.filter((line) => line.startsWith(`# HELP ${name} `))).toHaveLength(1);
      expect(lines).toContain(`# TYPE ${name} ${name === 'sluice_event_loop_delay_seconds' ? 'histogram' : name.endsWith('_total') ? 'counter' : 'gauge'}`);
    }
  });

  it('counts connections by state and protocol as they are at that moment', () => {
    const sockets = [running.connect(), running.connect()];
    for (const socket of sockets) socket.upgrade('/topics/a');
    running.connect();
    running.pass(1);
    expect(value('sluice_connections{state="established",protocol="websocket"}')).toBe(2);
    expect(value('sluice_connections{state="handshake",protocol="http"}')).toBe(1);
    expect(value('sluice_connections{state="established",protocol="sse"}')).toBe(0);
    sockets[0]!.endpoint.abort();
    running.pass(1);
    expect(value('sluice_connections{state="established",protocol="websocket"}')).toBe(1);
    expect(value('sluice_connections_opened_total')).toBe(3);
  });

  it('says how far a drain is: who was told, and who is waited for', async () => {
    const slow = await GatewayInMemory.start({ drain: { connectionsPerSecond: 10 } });
    const read = (): number[] => ['told', 'left'].map((what) => Number(new RegExp(`^sluice_drain_${what} (.*)$`, 'm').exec(slow.gateway.metrics.format())![1]));
    const sockets = Array.from({ length: 3 }, () => slow.connect());
    const seen: number[][] = [];
    for (const socket of sockets) {
      socket.upgrade('/topics/a');
      socket.onBytes = () => {
        seen.push(read());
        socket.endpoint.close();
      };
    }
    expect(read()).toEqual([0, 0]);
    await slow.run(slow.gateway.drain);
    expect([...seen, read()]).toEqual([
      [1, 3],
      [2, 2],
      [3, 1],
      [3, 0],
    ]);
    await slow.stop();
  });

  it('counts closes, with a sample for every reason from the start', () => {
    for (const reason of closeReasons) expect(value(`sluice_closes_total{reason="${reason}"}`)).toBe(0);
    running.connect().endpoint.abort();
    const client = running.connect();
    client.send('nonsense\r\n\r\n');
    running.pass(1);
    expect(value('sluice_closes_total{reason="transportError"}')).toBe(1);
    expect(value('sluice_closes_total{reason="protocolError"}')).toBe(1);
    expect(value('sluice_closes_total{reason="peerClosed"}')).toBe(0);
  });

  it('counts messages, and bytes of connections that have gone too', () => {
    const [publisher, subscriber] = [running.connect(), running.connect()];
    publisher.upgrade('/topics/a');
    subscriber.upgrade('/topics/a');
    publisher.sendFrame('hello');
    running.pass(1);
    expect(value('sluice_messages_in_total')).toBe(1);
    expect(value('sluice_messages_out_total')).toBe(2);
    const bytes = () => [value('sluice_bytes_in_total'), value('sluice_bytes_out_total')];
    const expected = [publisher.endpoint.bytesOut + subscriber.endpoint.bytesOut, publisher.endpoint.bytesIn + subscriber.endpoint.bytesIn];
    expect(bytes()).toEqual(expected);
    publisher.endpoint.abort();
    running.pass(1);
    expect(bytes()).toEqual(expected);
  });

  it('tells of the hub, of what waits, and of what pools hold', () => {
    const subscriber = running.connect();
    subscriber.upgrade('/topics/a');
    expect([value('sluice_topics'), value('sluice_subscriptions'), value('sluice_queued_bytes')]).toEqual([0, 1, 0]);
    subscriber.endpoint.setReading(false);
    const publisher = running.connect();
    publisher.upgrade('/topics/a');
    for (let i = 0; i < 20; i++) publisher.sendFrame('x'.repeat(10_000));
    running.pass(10);
    expect(value('sluice_topics')).toBe(1);
    expect(value('sluice_subscriptions')).toBe(2);
    expect(value('sluice_history_bytes')).toBeGreaterThanOrEqual(200_000);
    expect(value('sluice_queued_bytes')).toBe([...running.gateway.registry.all()].reduce((sum, { queuedBytes }) => sum + queuedBytes, 0));
    expect(value('sluice_queued_bytes')).toBeGreaterThan(100_000);
    expect(value('sluice_pool_outstanding_bytes')).toBe(running.gateway.pool.outstanding().bytes);
    expect(value('sluice_pool_outstanding_bytes')).toBeGreaterThan(200_000);
    expect(value('sluice_pool_outstanding_handles')).toBe(0);
  });

  it('has the memory of the process', () => {
    expect(value('sluice_resident_memory_bytes')! / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  });

  it('notices that the event loop was held up, in seconds, in a histogram and as a recent maximum', async () => {
    const longest = () => value('sluice_event_loop_delay_max_seconds')!;
    while (longest() < 0.03) {
      const until = performance.now() + 60;
      while (performance.now() < until);
      await endOfTurn();
    }
    expect(longest()).toBeLessThan(20);
    const count = value('sluice_event_loop_delay_seconds_count')!;
    expect(count).toBeGreaterThan(0);
    expect(value('sluice_event_loop_delay_seconds_bucket{le="+Inf"}')).toBe(count);
    expect(value('sluice_event_loop_delay_seconds_bucket{le="0.025"}')).toBeLessThan(count);
  });

  it('counts HTTP responses by their status', () => {
    const client = running.connect();
    client.send('GET /topics/a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    running.pass(10);
    expect(value('sluice_http_responses_total{status="200"}')).toBe(1);
  });

  it('says what runs, and whether the last reload was accepted', () => {
    const text = () => running.gateway.metrics.format();
    expect(text()).toMatch(/^sluice_build_info\{version="[^"]+",node="[^"]+"\} 1$/m);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('process_start_time_seconds')! * 1000).toBeCloseTo(performance.timeOrigin, -3);
    expect(value('sluice_config_last_reload_successful')).toBe(1);
    running.gateway.metrics.reloads.rejected();
    expect([value('sluice_config_last_reload_successful'), value('sluice_config_reload_failures_total')]).toEqual([0, 1]);
  });
});
