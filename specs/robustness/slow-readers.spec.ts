// A peer that never reads, under each policy for slow subscribers: what is queued for it stays within its window and one message, the
// others get everything in time, and what it gets once it reads again is what its policy says.

import type { Publication } from '@sluice/hub';
import { Random } from '@sluice/transport-memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClientConnection } from '../support/client-connection.ts';
import { Poster, SocketFollower, StreamFollower, type World } from '../support/simulated-clients.ts';
import { SimulatedGateway } from '../support/simulated-gateway.ts';

const windowBytes = 32 * 1024;
const payloadBytes = 1000;
const messageBytes = payloadBytes + 200;
const publications = 500;

let gateway: SimulatedGateway;
let world: World;
let published: string[];
beforeEach(async () => {
  gateway = await SimulatedGateway.start({
    seed: 1,
    pipeBytes: 16 * 1024,
    config: {
      windows: { outboundBytes: windowBytes, sharedWriteBytes: 4096 },
      history: { count: 100 },
      timeouts: { pingIntervalMs: 0 },
      slowSubscriber: {
        overrides: [
          { pattern: 'dropOldest.>', policy: 'dropOldest' },
          { pattern: 'conflate.>', policy: 'conflate' },
        ],
      },
    },
  });
  published = [];
});
afterEach(() => gateway.stopAndCheck());

interface Crowd {
  readonly topic: string;
  readonly deaf: ClientConnection;
  /** Messages the deaf one has read. */
  readonly heard: Record<string, unknown>[];
  readonly others: readonly (SocketFollower | StreamFollower)[];
  readonly poster: Poster;
}

/** Ten who read, and one who does not. */
function gather(policy: string, kind: 'socket' | 'stream'): Crowd {
  const topic = `${policy}.a`;
  const { hub } = gateway.running.gateway;
  const truth = new Map([[topic, published]]);
  world = { gateway, random: new Random(7), truth, beginning: `${hub.epoch}:0` };
  hub
    .join({
      id: 'witness',
      info: null,
      deliver({ payload }: Publication) {
        published.push(Buffer.from(payload.bytes!.subarray(payload.start, payload.start + payload.length)).toString());
        return true;
      },
      gap() {},
      evict() {},
    })
    .subscribe(topic);
  const others = Array.from({ length: 10 }, (_, i) =>
    i % 2 === 0 ? new SocketFollower(world, `socket${i}`, topic) : new StreamFollower(world, `stream${i}`, topic),
  );
  const poster = new Poster(world, 'poster');
  for (const one of [...others, poster]) one.connect();
  const heard: Record<string, unknown>[] = [];
  let deaf: ClientConnection | null = null;
  gateway.network.connect(gateway.address, {
    onConnect(endpoint) {
      deaf = new ClientConnection(endpoint, () => 1);
      deaf.onMessage = (message) => heard.push(JSON.parse(message) as Record<string, unknown>);
      if (kind === 'socket') deaf.upgrade(`/topics/${topic}`, ['sluice.v1']);
      else deaf.request('GET', `/topics/${topic}`, ['Accept', 'text/event-stream']);
      endpoint.setReading(false);
    },
    onFailure(error) {
      throw error;
    },
  });
  gateway.settle(() => hub.stats().members === 12);
  return { topic, deaf: deaf!, heard, others, poster };
}

/** Publishes; answers the most that was queued for any connection, and the most the gateway held. */
function publishAll({ topic, poster, others }: Crowd): { mostQueued: number; mostOutstanding: number } {
  const { registry, pool } = gateway.running.gateway;
  let mostQueued = 0;
  let mostOutstanding = 0;
  for (let i = 1; i <= publications; i++) {
    poster.publish(topic, 'x'.repeat(payloadBytes - 20));
    gateway.settle(() => {
      for (const { queuedBytes } of registry.all()) mostQueued = Math.max(mostQueued, queuedBytes);
      return poster.acknowledged === i;
    });
    mostOutstanding = Math.max(mostOutstanding, pool.outstanding().bytes);
  }
  expect(poster.acknowledged).toBe(publications);
  expect(gateway.settle(() => others.every((one) => one.isUpToDate), 1000)).toBe(true);
  for (const one of others) {
    expect(one.connections).toBe(1);
    expect(one.gaps).toBe(0);
    one.finish(true);
  }
  poster.finish(true);
  return { mostQueued, mostOutstanding };
}

/** History, its encodings for both kinds of readers, and what one connection may have queued; per message some bookkeeping. */
const mostHeld = 100 * payloadBytes + 4 * 100 * messageBytes + 12 * (windowBytes + messageBytes);

describe.each(['socket', 'stream'] as const)('a %s that never reads', (kind) => {
  it('is closed under disconnect', () => {
    const crowd = gather('disconnect', kind);
    const { mostQueued, mostOutstanding } = publishAll(crowd);
    expect(mostQueued).toBeGreaterThan(windowBytes / 2);
    expect(mostQueued).toBeLessThanOrEqual(windowBytes + messageBytes);
    expect(mostOutstanding).toBeLessThan(mostHeld);
    const { registry } = gateway.running.gateway;
    expect(gateway.settle(() => registry.size === 0)).toBe(true);
    expect(registry.closes().get('slowConsumer')).toBe(1);
    crowd.deaf.endpoint.setReading(true);
    expect(gateway.settle(() => crowd.deaf.isClosed)).toBe(true);
  });

  it.each(['dropOldest', 'conflate'])('is kept under %s, and its queue does not grow', (policy) => {
    const crowd = gather(policy, kind);
    const { mostQueued, mostOutstanding } = publishAll(crowd);
    expect(mostQueued).toBeGreaterThan(windowBytes / 2);
    expect(mostQueued).toBeLessThanOrEqual(windowBytes + messageBytes);
    expect(mostOutstanding).toBeLessThan(mostHeld);
    expect(crowd.deaf.isClosed).toBe(false);
    expect(gateway.running.gateway.registry.closes().get('slowConsumer')).toBe(0);
    crowd.deaf.endpoint.abort();
  });
});

describe('a socket that reads again', () => {
  function read(policy: string): { offsets: number[]; missed: number } {
    const crowd = gather(policy, 'socket');
    publishAll(crowd);
    crowd.deaf.endpoint.setReading(true);
    expect(gateway.settle(() => crowd.heard.at(-1)?.['offset'] === publications)).toBe(true);
    const offsets: number[] = [];
    let missed = 0;
    for (const message of crowd.heard) {
      if (message['type'] === 'gap') missed += message['missed'] as number;
      else if (message['type'] === undefined) offsets.push(message['offset'] as number);
    }
    expect(offsets.length + missed, 'taken and missing make all').toBe(publications);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    crowd.deaf.leave();
    return { offsets, missed };
  }

  it('gets what the history still has under dropOldest', () => {
    const { offsets, missed } = read('dropOldest');
    expect(missed).toBeGreaterThan(publications / 2);
    expect(offsets.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => publications - 99 + i));
  });

  it('gets only the latest under conflate', () => {
    const { offsets, missed } = read('conflate');
    expect(missed).toBeGreaterThan(publications / 2);
    const queued = offsets.length - 1;
    expect(offsets).toEqual([...Array.from({ length: queued }, (_, i) => i + 1), publications]);
  });
});
