import { describe, expect, it } from 'vitest';
import { makeHub, Recorder, type Bench } from './recorder.ts';

/** A new subscriber that wants the last `count`, then live. */
function latest(bench: Bench, pattern: string, count: number): Recorder {
  const recorder = new Recorder();
  subscribe(bench, recorder, pattern, count);
  return recorder;
}

function subscribe({ hub }: Bench, recorder: Recorder, pattern: string, count: number): () => void {
  const since = hub.positionBeforeLatest(pattern, count);
  const subscription = hub.join(recorder).subscribe(pattern, { since, afterGap: 'ignore' });
  return () => subscription.resume();
}

describe('of one topic', () => {
  it.each([
    [0, []],
    [1, ['t:3']],
    [2, ['t:2', 't:3']],
    [3, ['t:1', 't:2', 't:3']],
    [10_000, ['t:1', 't:2', 't:3']],
  ])('the last %d, then live, each once', (count, expected) => {
    const bench = makeHub();
    for (const topic of ['t', 'other', 't', 'other', 't']) bench.publish(topic);
    const recorder = latest(bench, 't', count);
    bench.publish('t');
    expect(recorder.log).toEqual([...expected, 't:4']);
  });

  it('what is retained counts, and what is gone is no gap', () => {
    const bench = makeHub({ history: { maxCount: 5, maxAgeMs: 100 } });
    for (let i = 0; i < 4; i++) bench.publish('t');
    bench.clock.nowMs += 60;
    for (let i = 0; i < 3; i++) bench.publish('t');
    expect(latest(bench, 't', 4).log).toEqual(['t:4', 't:5', 't:6', 't:7']);
    bench.clock.nowMs += 60;
    expect(latest(bench, 't', 100).log).toEqual(['t:5', 't:6', 't:7']);
  });

  it('nobody has published to: live only', () => {
    const bench = makeHub();
    bench.publish('other');
    const recorder = latest(bench, 't', 5);
    bench.publish('t');
    expect(recorder.log).toEqual(['t:1']);
  });

  it('refuses what is no pattern', () => {
    expect(() => makeHub().hub.positionBeforeLatest('a..b', 1)).toThrow('tokenEmpty');
  });
});

describe('of a pattern', () => {
  it('the last of all its topics together, in the order of publication', () => {
    const bench = makeHub();
    for (const topic of ['p.a', 'x', 'p.b', 'p.a', 'p.c', 'x', 'p.b', 'p.c']) bench.publish(topic);
    expect(latest(bench, 'p.*', 4).log).toEqual(['p.a:2', 'p.c:1', 'p.b:2', 'p.c:2']);
    expect(latest(bench, 'p.*', 1).log).toEqual(['p.c:2']);
    expect(latest(bench, '>', 100).log).toHaveLength(8);
    expect(latest(bench, 'q.>', 3).log).toEqual([]);
  });

  it('what a topic has lost in between is passed over without a gap', () => {
    const bench = makeHub({ rules: [{ pattern: 'p.a', history: { maxCount: 1 } }] });
    for (const topic of ['p.b', 'p.a', 'p.a', 'p.a']) bench.publish(topic);
    expect(latest(bench, 'p.*', 3).log).toEqual(['p.b:1', 'p.a:3']);
  });

  it('of more topics than a replay takes: those published to last, without a hole', () => {
    const bench = makeHub({ limits: { maxReplayTopics: 2 } });
    for (const topic of ['p.a', 'p.b', 'p.c', 'p.a', 'p.b', 'p.a']) bench.publish(topic);
    expect(latest(bench, 'p.*', 10).log).toEqual(['p.a:2', 'p.b:2', 'p.a:3']);
  });

  it('topics whose publications have gone count among those a replay takes', () => {
    const bench = makeHub({ limits: { maxReplayTopics: 2 }, rules: [{ pattern: 'p.none', history: { maxCount: 0 } }] });
    for (const topic of ['p.a', 'p.b', 'p.none']) bench.publish(topic);
    expect(latest(bench, 'p.*', 10).log).toEqual(['p.b:1']);
  });

  it('looks at no more topics than it takes', () => {
    const bench = makeHub();
    for (let i = 0; i < 100; i++) bench.publish(`p.${i}`);
    expect(latest(bench, 'p.*', 2).log).toEqual(['p.98:1', 'p.99:1']);
  });
});

it('a window that fills up loses nothing and brings nothing twice', () => {
  const bench = makeHub({ history: { maxCount: 100 } });
  for (let i = 0; i < 20; i++) bench.publish('t');
  const recorder = new Recorder();
  recorder.window = 3;
  const resume = subscribe(bench, recorder, 't', 10);
  expect(recorder.log).toEqual(['t:11', 't:12', 't:13']);
  bench.publish('t');
  recorder.window = Infinity;
  resume();
  bench.publish('t');
  expect(recorder.log).toEqual(Array.from({ length: 12 }, (_, i) => `t:${i + 11}`));
});

it('asked for in the middle of a delivery: what waits for its turn is among the last, and comes once', () => {
  const bench = makeHub();
  bench.publish('t');
  const late = new Recorder();
  const first = new Recorder();
  first.onDeliver = ({ offset }) => {
    if (offset !== 2) return;
    bench.publish('t');
    bench.publish('t');
    subscribe(bench, late, 't', 3);
  };
  bench.hub.join(first).subscribe('t');
  bench.publish('t');
  bench.publish('t');
  expect(late.log).toEqual(['t:2', 't:3', 't:4', 't:5']);
});

it('the position resumes from there when nothing of it has arrived', () => {
  const bench = makeHub();
  for (const topic of ['t', 'o', 't', 'o', 't']) bench.publish(topic);
  const position = bench.hub.positionBeforeLatest('t', 2);
  bench.publish('t');
  const recorder = new Recorder();
  bench.hub.join(recorder).subscribe('t', { since: position });
  expect(recorder.log).toEqual(['t:2', 't:3', 't:4']);
});
