import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicationOverheadBytes } from '../src/index.ts';
import { makeHub } from './recorder.ts';

const offsets = (bench: ReturnType<typeof makeHub>, topic: string): number[] => bench.hub.history(topic).publications.map((each) => each.offset);

describe('the bounds of one topic', () => {
  it('by count', () => {
    const bench = makeHub({ history: { maxCount: 2 } });
    for (let i = 0; i < 5; i++) bench.publish('t');
    expect(offsets(bench, 't')).toEqual([4, 5]);
  });

  it('by bytes', () => {
    const bench = makeHub({ history: { maxBytes: 2 * (publicationOverheadBytes + 10) } });
    for (let i = 0; i < 3; i++) bench.publish('t', 'x'.repeat(10));
    expect(offsets(bench, 't')).toEqual([2, 3]);
    bench.publish('t', 'x'.repeat(11));
    expect(offsets(bench, 't')).toEqual([4]);
    bench.publish('t', 'x'.repeat(1000));
    expect(offsets(bench, 't')).toEqual([]);
    expect(bench.publish('t').offset).toBe(6);
  });

  it('by age', () => {
    const bench = makeHub({ history: { maxAgeMs: 100 } });
    bench.publish('t');
    bench.clock.nowMs += 60;
    bench.publish('t');
    bench.clock.nowMs += 41;
    expect(offsets(bench, 't')).toEqual([2]);
  });

  it('by the age that the monotonic clock gives, whatever the wall clock does', () => {
    const bench = makeHub({ history: { maxAgeMs: 300_000 }, limits: { topicIdleMs: 600_000 } });
    const day = 86_400_000;
    const times: number[] = [];
    for (const step of [0, 660_000, day, -day, -2 * day]) {
      bench.clock.wallMs += step;
      bench.clock.nowMs += 1000;
      times.push(bench.publish('t').timeMs);
      bench.hub.sweep();
      expect(offsets(bench, 't')).toHaveLength(times.length);
      expect(times.at(-1)).toBe(bench.clock.wallMs);
    }
    bench.clock.nowMs += 300_001;
    bench.hub.sweep();
    expect(bench.hub.stats()).toMatchObject({ topics: 1, historyCount: 0 });
    bench.clock.nowMs += 300_000;
    bench.hub.sweep();
    expect(bench.hub.stats().topics).toBe(0);
  });

  it('each by pattern', () => {
    const bench = makeHub({ rules: [{ pattern: 'a.>', history: { maxCount: 1 } }] });
    for (const topic of ['a.b', 'a.b', 'c', 'c']) bench.publish(topic);
    expect([offsets(bench, 'a.b'), offsets(bench, 'c')]).toEqual([[2], [1, 2]]);
  });
});

describe('the bounds of all topics', () => {
  it('let the oldest publication go first, wherever it is', () => {
    const bench = makeHub({ limits: { maxHistoryBytes: 3 * (publicationOverheadBytes + 1) } });
    for (const topic of ['a', 'b', 'a', 'c', 'b']) bench.publish(topic);
    expect(['a', 'b', 'c'].map((topic) => offsets(bench, topic))).toEqual([[2], [2], [1]]);
  });

  it('forget the topic published to least recently; it comes back where it was', () => {
    const bench = makeHub({ limits: { maxTopics: 2 } });
    const first = bench.publish('a');
    bench.publish('b');
    bench.publish('a');
    bench.publish('c');
    expect(bench.hub.stats()).toMatchObject({ topics: 2, historyCount: 3 });
    expect(offsets(bench, 'a')).toEqual([1, 2]);
    bench.publish('b');
    const again = bench.publish('a');
    expect(again).toMatchObject({ epoch: first.epoch, offset: 3 });
  });

  it('hold through anything', () => {
    const maxHistoryBytes = 20 * publicationOverheadBytes;
    fc.assert(
      fc.property(fc.array(fc.record({ topic: fc.nat(9), length: fc.nat(600), ms: fc.nat(50), sweep: fc.nat(9) }), { maxLength: 60, size: 'max' }), (steps) => {
        const bench = makeHub({
          history: { maxCount: 8, maxBytes: 6 * publicationOverheadBytes, maxAgeMs: 400 },
          limits: { maxTopics: 5, maxHistoryBytes, topicIdleMs: 200 },
        });
        for (const { topic, length, ms, sweep } of steps) {
          bench.clock.nowMs += ms;
          bench.publish(`t${topic}`, 'x'.repeat(length));
          if (sweep === 0) bench.hub.sweep(2);
          const { historyBytes, historyCount, topics } = bench.hub.stats();
          expect(topics).toBeLessThanOrEqual(5);
          expect(historyBytes).toBeLessThanOrEqual(maxHistoryBytes);
          expect(bench.pool.outstanding().bytes).toBe(historyBytes - historyCount * publicationOverheadBytes);
        }
        bench.hub.destroy();
        expect(bench.pool.outstanding().bytes).toBe(0);
      }),
    );
  });
});

describe('sweeping', () => {
  it('lets go of old history and forgets idle topics, some at a time', () => {
    const bench = makeHub({ history: { maxAgeMs: 100 }, limits: { topicIdleMs: 200 } });
    for (let i = 0; i < 10; i++) bench.publish(`t${i}`);
    bench.clock.nowMs += 150;
    bench.hub.sweep();
    expect(bench.hub.stats()).toMatchObject({ topics: 10, historyCount: 0, historyBytes: 0 });
    bench.publish('t0');
    bench.clock.nowMs += 90;
    bench.hub.sweep(4);
    expect(bench.hub.stats()).toMatchObject({ topics: 6, historyCount: 1 });
    bench.hub.sweep(4);
    bench.hub.sweep(4);
    expect(bench.hub.stats()).toMatchObject({ topics: 1, historyCount: 1 });
    expect(bench.publish('t0').offset).toBe(3);
  });

  it('gets round to every topic', () => {
    const bench = makeHub({ history: { maxAgeMs: 100 } });
    for (let i = 0; i < 10; i++) bench.publish(`t${i}`);
    bench.clock.nowMs += 150;
    for (let i = 0; i < 5; i++) bench.hub.sweep(2);
    expect(bench.hub.stats()).toMatchObject({ topics: 10, historyCount: 0 });
  });
});
