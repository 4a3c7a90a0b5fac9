// What the hub costs, measured. Run it alone:
//   node --expose-gc --conditions=@sluice/source test/measure.ts
//
// Fan-out: ns per delivery to subscribers that only count, beside the same calls in a bare loop; medians of several rounds.
// Memory of topics: bytes per topic of 20 characters, with a log and no history, and forgotten but remembered. Churn: ns per subscription made and ended among 15,000 of one topic. Memory: bytes per member with one subscription.

import { Pool } from '@sluice/brigade';
import { Hub, type Member, type Publication, type Subscriber, type Subscription } from '../src/index.ts';

class Counter implements Subscriber {
  readonly id = 'counter';
  readonly info = null;
  taken = 0;
  bytes = 0;

  deliver(publication: Publication, subscription: Subscription | null): boolean {
    this.taken++;
    this.bytes += publication.offset + (subscription === null ? 0 : 1);
    return true;
  }

  gap(): void {}

  evict(): void {}
}

const payload = new Uint8Array(64);

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function makeHub(): Hub {
  return new Hub({ pool: new Pool('measure'), now: () => performance.now(), wallClock: Date.now, random: Math.random });
}

function fanOut(count: number): { hub: number; bare: number } {
  const hub = makeHub();
  const counters = Array.from({ length: count }, () => new Counter());
  const members = counters.map((counter) => hub.join(counter));
  const subscriptions = members.map((member) => member.subscribe('room.one'));
  const publications = Math.ceil(2_000_000 / count);
  const sample = hub.publish('room.one', payload, 0, 64, 'binary');
  const hubRounds: number[] = [];
  const bareRounds: number[] = [];
  for (let round = 0; round < 15; round++) {
    let start = performance.now();
    for (let i = 0; i < publications; i++) hub.publish('room.one', payload, 0, 64, 'binary');
    hubRounds.push(((performance.now() - start) * 1e6) / (publications * count));
    start = performance.now();
    for (let i = 0; i < publications; i++) {
      for (let j = 0; j < count; j++) counters[j].deliver(sample, subscriptions[j]);
    }
    bareRounds.push(((performance.now() - start) * 1e6) / (publications * count));
  }
  hub.destroy();
  return { hub: median(hubRounds), bare: median(bareRounds) };
}

function churn(count: number): { subscribe: number; unsubscribe: number } {
  const hub = makeHub();
  const members = Array.from({ length: count }, () => hub.join(new Counter()));
  const subscribeRounds: number[] = [];
  const unsubscribeRounds: number[] = [];
  for (let round = 0; round < 9; round++) {
    let start = performance.now();
    const subscriptions = members.map((member) => member.subscribe('room.one'));
    subscribeRounds.push(((performance.now() - start) * 1e6) / count);
    start = performance.now();
    for (const subscription of subscriptions) subscription.unsubscribe();
    unsubscribeRounds.push(((performance.now() - start) * 1e6) / count);
  }
  return { subscribe: median(subscribeRounds), unsubscribe: median(unsubscribeRounds) };
}

function memory(): { member: number; subscription: number } {
  const count = 100_000;
  const hub = makeHub();
  const counters = Array.from({ length: count }, () => new Counter());
  const members: Member[] = [];
  const before = usedHeap();
  for (const counter of counters) members.push(hub.join(counter));
  const joined = usedHeap();
  for (const member of members) member.subscribe('room.one');
  const subscribed = usedHeap();
  hub.destroy();
  return { member: (joined - before) / count, subscription: (subscribed - joined) / count };
}

/** Of a million topics: with a log that has nothing in it, and then forgotten. */
function topicMemory(): { log: number; position: number; create: number; pageMs: number; sparsePageMs: number } {
  const count = 1_000_000;
  let nowMs = 0;
  const limits = { maxTopics: count, maxPositions: count, topicIdleMs: 1 };
  const hub = new Hub({ pool: new Pool('measure'), now: () => nowMs, wallClock: () => 0, random: Math.random, history: { maxCount: 0 }, limits });
  const before = usedHeap();
  const start = performance.now();
  for (let i = 0; i < count; i++) hub.publish(`device.${String(i).padStart(7, '0')}.state`, payload, 0, 64, 'binary');
  const create = ((performance.now() - start) * 1e6) / count;
  const known = usedHeap();
  const timed = (pattern: string): number => {
    const begin = performance.now();
    hub.topics({ pattern, after: 'device.0500000.state', limit: 100 });
    return performance.now() - begin;
  };
  const pageMs = median(Array.from({ length: 9 }, () => timed('>')));
  const sparsePageMs = median(Array.from({ length: 9 }, () => timed('*.*.none')));
  nowMs = 10;
  hub.sweep(count);
  const remembered = usedHeap();
  if (hub.stats().positions !== count) throw new Error('they should all be remembered');
  hub.destroy();
  return { log: (known - before) / count, position: (remembered - before) / count, create, pageMs, sparsePageMs };
}

function usedHeap(): number {
  const collect = globalThis.gc ?? (() => {});
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function publishAlone(): number {
  const hub = makeHub();
  const rounds: number[] = [];
  for (let round = 0; round < 9; round++) {
    const start = performance.now();
    for (let i = 0; i < 100_000; i++) hub.publish('room.one', payload, 0, 64, 'binary');
    rounds.push(((performance.now() - start) * 1e6) / 100_000);
  }
  return median(rounds);
}

const round = (value: number): number => Math.round(value * 10) / 10;
const { member, subscription } = memory();
const { log, position, create, pageMs, sparsePageMs } = topicMemory();
console.log(`a topic without history ${round(log)} B, remembered ${round(position)} B; its first publication ${round(create)} ns`);
console.log(`of a million topics: a page of 100 ${round(pageMs)} ms, a page that looks at as many as it may ${round(sparsePageMs)} ms`);
console.log(`member ${round(member)} B, subscription ${round(subscription)} B`);
for (const count of [1, 100, 1000, 15_000]) {
  const { hub, bare } = fanOut(count);
  console.log(`fan-out to ${count}: ${round(hub)} ns a delivery, bare calls ${round(bare)} ns`);
}
console.log(`publish to nobody: ${round(publishAlone())} ns`);
for (const count of [1000, 15_000]) {
  const { subscribe, unsubscribe } = churn(count);
  console.log(`of ${count}: subscribe ${round(subscribe)} ns, unsubscribe ${round(unsubscribe)} ns`);
}
