import { describe, expect, it } from 'vitest';
import { makeHub, Recorder, type Bench } from './recorder.ts';

const forgetful = { history: { maxAgeMs: 1000 }, limits: { topicIdleMs: 600_000, maxPositions: 100 } };

/** Ten minutes in which nothing is published: every topic is forgotten. */
function fallAsleep({ hub, clock }: Bench): void {
  clock.nowMs += 600_001;
  hub.sweep();
  expect(hub.stats()).toMatchObject({ topics: 0, historyCount: 0 });
}

describe('a topic that was quiet for so long that it was forgotten', () => {
  it('resumes without a gap for whoever missed nothing, by either kind of position', () => {
    const bench = makeHub(forgetful);
    const { epoch } = bench.publish('t');
    bench.publish('t');
    const { position } = bench.hub;
    fallAsleep(bench);
    const recorder = new Recorder();
    for (const since of [{ epoch, offset: 2 }, position]) bench.hub.join(recorder).subscribe('t', { since });
    expect(recorder.log).toEqual([]);
    expect(bench.publish('t')).toMatchObject({ epoch, offset: 3 });
    expect(recorder.log).toEqual(['t:3', 't:3']);
    const later = new Recorder();
    bench.hub.join(later).subscribe('t', { since: { epoch, offset: 2 } });
    expect(later.log).toEqual(['t:3']);
  });

  it('tells how much was missed by who missed something', () => {
    const bench = makeHub(forgetful);
    const { epoch } = bench.publish('t');
    bench.publish('t');
    fallAsleep(bench);
    expect(bench.hub.history('t')).toEqual({ epoch, oldestOffset: 0, nextOffset: 3, publications: [], gap: null });
    const recorder = new Recorder();
    bench.hub.join(recorder).subscribe('t', { since: { epoch, offset: 0 } });
    bench.hub.join(recorder).subscribe('t', { since: { epoch: bench.hub.epoch, offset: 1 } });
    bench.hub.join(recorder).subscribe('t', { since: { epoch, offset: 3 } });
    expect(recorder.log).toEqual(['gap:tooOld:2', 'gap:tooOld:-1', 'gap:inFuture:-1']);
  });

  it('is no gap to a wildcard that does not match it, or that had all of it', () => {
    const bench = makeHub(forgetful);
    bench.publish('news.a');
    const { position } = bench.hub;
    bench.publish('sport.a');
    fallAsleep(bench);
    const recorder = new Recorder();
    bench.hub.join(recorder).subscribe('news.*', { since: position });
    expect(recorder.log).toEqual([]);
    bench.hub.join(recorder).subscribe('*.a', { since: position });
    expect(recorder.log).toEqual(['gap:tooOld:-1']);
  });
});

describe('a topic that nobody has published to', () => {
  it('has a position, which resumes from the first publication on', () => {
    const bench = makeHub();
    bench.publish('other');
    const { epoch, nextOffset } = bench.hub.history('fresh');
    expect(nextOffset).toBe(1);
    const since = { epoch, offset: 0 };
    const before = new Recorder();
    bench.hub.join(before).subscribe('fresh', { since });
    expect(bench.publish('fresh')).toMatchObject({ epoch, offset: 1 });
    const after = new Recorder();
    bench.hub.join(after).subscribe('fresh', { since });
    bench.publish('fresh');
    expect(before.log).toEqual(['fresh:1', 'fresh:2']);
    expect(after.log).toEqual(['fresh:1', 'fresh:2']);
  });

  it('costs nothing, however many are asked for', () => {
    const { hub } = makeHub();
    for (let i = 0; i < 1000; i++) hub.history(`fresh.${i}`);
    expect(hub.stats()).toMatchObject({ topics: 0, positions: 0 });
  });
});

describe('no more than maxPositions are remembered', () => {
  it('the topics forgotten first go, and come back with another epoch', () => {
    const bench = makeHub({ ...forgetful, limits: { ...forgetful.limits, maxPositions: 2 } });
    const [a, b, c] = ['a', 'b', 'c'].map((topic) => bench.publish(topic).epoch);
    fallAsleep(bench);
    expect(bench.hub.stats()).toMatchObject({ topics: 0, positions: 2 });
    const recorder = new Recorder();
    bench.hub.join(recorder).subscribe('a', { since: { epoch: a!, offset: 1 } });
    expect(recorder.log).toEqual(['gap:epochChanged:-1']);
    const again = bench.publish('a');
    expect(again.offset).toBe(1);
    expect(again.epoch).not.toBe(a);
    expect(bench.publish('b')).toMatchObject({ offset: 2, epoch: b });
    expect(bench.publish('c')).toMatchObject({ offset: 2, epoch: c });
    expect(bench.hub.stats()).toMatchObject({ topics: 3, positions: 0 });
  });

  it('a position from before is a gap where something may have been missed, and only there', () => {
    const bench = makeHub({ ...forgetful, limits: { ...forgetful.limits, maxPositions: 0 } });
    const { position: beginning } = bench.hub;
    const fresh = { epoch: bench.hub.history('fresh').epoch, offset: 0 };
    bench.publish('t');
    const { position } = bench.hub;
    fallAsleep(bench);
    const recorder = new Recorder();
    const resume = (pattern: string, since = position): string[] => {
      bench.hub.join(recorder).subscribe(pattern, { since }).unsubscribe();
      return recorder.take();
    };
    expect(resume('other')).toEqual([]);
    expect(resume('*')).toEqual([]);
    expect(resume('other', beginning)).toEqual(['gap:tooOld:-1']);
    expect(resume('*', beginning)).toEqual(['gap:tooOld:-1']);
    expect(resume('fresh', fresh)).toEqual(['gap:epochChanged:-1']);
  });

  it('they go some at a time, so that a new generation of epochs is seldom', () => {
    const bench = makeHub({ limits: { maxTopics: 1, maxPositions: 64 } });
    const epochs = new Set<string>();
    for (let i = 0; i < 300; i++) {
      bench.publish(`t${i}`);
      epochs.add(bench.hub.history('fresh').epoch);
      expect(bench.hub.stats().positions).toBeLessThanOrEqual(64);
    }
    expect(epochs.size).toBeLessThan(300 / 2);
    expect(bench.hub.stats().positions).toBeGreaterThan(60);
  });
});

it('forgetting a topic and publishing to it again keeps the order of the others', () => {
  const bench = makeHub({ history: { maxCount: 0 }, limits: { maxTopics: 2 } });
  const recorder = new Recorder();
  for (const topic of ['a', 'b', 'c', 'a', 'd', 'b']) bench.publish(topic);
  const missed = (since: number): string[] => {
    const missing = ['a', 'b', 'c', 'd'].filter((topic) => {
      bench.hub.join(recorder).subscribe(topic, { since: { epoch: bench.hub.epoch, offset: since } });
      return recorder.take().length > 0;
    });
    bench.hub.join(recorder).subscribe('*', { since: { epoch: bench.hub.epoch, offset: since } });
    return [...missing, ...recorder.take()];
  };
  expect(missed(6)).toEqual([]);
  expect(missed(5)).toEqual(['b', 'gap:tooOld:-1']);
  expect(missed(3)).toEqual(['a', 'b', 'd', 'gap:tooOld:-1']);
  expect(missed(2)).toEqual(['a', 'b', 'c', 'd', 'gap:tooOld:-1']);
});
