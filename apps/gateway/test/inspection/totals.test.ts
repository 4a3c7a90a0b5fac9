import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionRegistry } from '@sluice/supervision';
import type { EventFeed } from '../../src/inspection/event-feed.ts';
import { samplesKept, Totals } from '../../src/inspection/totals.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { EventReader, statusOf } from './admin-client.ts';

let running: GatewayInMemory | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

describe('/inspection/totals', () => {
  it('begins with what is kept, then a sample every second', async () => {
    running = await GatewayInMemory.start();
    running.pass(2500);
    const client = running.connect();
    client.upgrade('/topics/news');
    client.sendFrame('hello');
    const reader = new EventReader(running, '/inspection/totals');
    const [history, ...none] = reader.events();
    expect([history!.name, (history!.data['samples'] as unknown[]).length, none]).toEqual(['history', 2, []]);
    const [sample] = reader.events(1000);
    expect(sample).toMatchObject({ name: 'sample', data: { open: 1, byPhase: { established: 1 }, byProtocol: { websocket: 1 }, opened: 1, messagesIn: 1, messagesOut: 1, closes: {} } });
    client.endpoint.abort();
    const [later] = reader.events(1000);
    expect(later).toMatchObject({ data: { open: 0, byPhase: {}, opened: 1, closes: { transportError: 1 } } });
    expect(later!.data['bytesIn']).toBe(sample!.data['bytesIn']);
    expect(reader.events(3000)).toHaveLength(3);
  });

  it('keeps ten minutes, the oldest go', async () => {
    running = await GatewayInMemory.start();
    running.pass((samplesKept + 5) * 1000 + 500);
    running.connect();
    running.pass(1000);
    const [history] = new EventReader(running, '/inspection/totals').events();
    const samples = history!.data['samples'] as { open: number }[];
    expect(samples).toHaveLength(samplesKept);
    expect([samples[0]!.open, samples.at(-2)!.open, samples.at(-1)!.open]).toEqual([0, 0, 1]);
  });

  it.each([
    [0, 1],
    [2000, 1],
    [12_000, 6],
    [100_000, 10],
  ])('with %i connections and nobody who listens, walks them every %i s; with somebody, every second', (size, seconds) => {
    let walks = 0;
    const registry = {
      size,
      opened: size,
      all: () => (walks++, []),
      closes: () => new Map(),
      closedTraffic: { bytesIn: 0, bytesOut: 0 },
    } as unknown as ConnectionRegistry;
    let now = 0;
    const totals = new Totals({ registry, traffic: { messagesIn: 0, messagesOut: 0 }, wallClock: () => now });
    const pass = (count: number): void => {
      for (let tick = 0; tick < count; tick++) {
        now += 1000;
        totals.tick();
      }
    };
    pass(1200);
    expect(walks).toBe(1200 / seconds);
    const sent: string[] = [];
    const feed = { isOpen: true, send: (name: string, text: string) => sent.push(`${name} ${text}`), end() {} } as unknown as EventFeed;
    totals.follow(() => feed);
    const { samples } = JSON.parse(sent[0]!.replace('history ', '')) as { samples: { atMs: number }[] };
    expect(samples).toHaveLength(600 / seconds);
    expect(samples.at(-1)!.atMs - samples[0]!.atMs).toBe((600 - seconds) * 1000);
    pass(5);
    expect(sent).toHaveLength(6);
    totals.close();
  });

  it('has a bound on listeners, and lets one go who does not read', async () => {
    running = await GatewayInMemory.start({ inspection: { maxWatchers: 1 } });
    const reader = new EventReader(running, '/inspection/totals');
    expect(statusOf(running.connectAdmin().request('GET /inspection/totals'))).toBe(503);
    reader.client.endpoint.abort();
    running.pass(1);
    expect(new EventReader(running, '/inspection/totals').events()).toHaveLength(1);
  });
});
