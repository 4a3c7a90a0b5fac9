import { describe, expect, it } from 'vitest';
import type { Position, SubscribeOptions } from '../src/index.ts';
import { makeHub, Recorder } from './recorder.ts';

function resumed(bench: ReturnType<typeof makeHub>, pattern: string, since: Position, afterGap: SubscribeOptions['afterGap'] = 'live'): Recorder {
  const recorder = new Recorder();
  bench.hub.join(recorder).subscribe(pattern, { since, afterGap });
  return recorder;
}

describe('a position of the topic', () => {
  it.each([
    [0, ['t:1', 't:2', 't:3']],
    [1, ['t:2', 't:3']],
    [3, []],
  ])('after offset %d', (offset, expected) => {
    const bench = makeHub();
    const { epoch } = bench.publish('t');
    bench.publish('t');
    bench.publish('t');
    const recorder = resumed(bench, 't', { epoch, offset });
    expect(recorder.log).toEqual(expected);
    bench.publish('t');
    expect(recorder.log).toEqual([...expected, 't:4']);
  });

  it('that the log does not reach: told first, with the oldest offset there is', () => {
    const bench = makeHub({ history: { maxCount: 2 } });
    const { epoch } = bench.publish('t');
    for (let i = 0; i < 4; i++) bench.publish('t');
    const live = resumed(bench, 't', { epoch, offset: 1 });
    const oldest = resumed(bench, 't', { epoch, offset: 1 }, 'oldest');
    const reached = resumed(bench, 't', { epoch, offset: 3 });
    bench.publish('t');
    expect(live.log).toEqual(['gap:tooOld:2', 't:6']);
    expect(live.gaps[0]).toEqual({
      reason: 'tooOld',
      topic: 't',
      epoch,
      oldestOffset: 4,
      missed: 2,
      position: { epoch: bench.hub.epoch, offset: 5 },
    });
    expect(oldest.log).toEqual(['gap:tooOld:2', 't:4', 't:5', 't:6']);
    expect(reached.log).toEqual(['t:4', 't:5', 't:6']);
  });

  it('that was never given out', () => {
    const bench = makeHub();
    const { epoch } = bench.publish('t');
    expect(resumed(bench, 't', { epoch, offset: 2 }).log).toEqual(['gap:inFuture:-1']);
    expect(resumed(bench, 't', { epoch: 't0', offset: 1 }).log).toEqual(['gap:epochChanged:-1']);
    expect(resumed(bench, 't', { epoch: 't0', offset: 1 }, 'oldest').log).toEqual(['gap:epochChanged:-1', 't:1']);
    const unknown = resumed(bench, 'u', { epoch, offset: 0 });
    const own = bench.hub.history('u').epoch;
    expect(unknown.gaps).toMatchObject([{ reason: 'epochChanged', topic: 'u', epoch: own, oldestOffset: 0, missed: -1 }]);
    expect(resumed(bench, 'u', { epoch: own, offset: 1 }).log).toEqual(['gap:inFuture:-1']);
  });

  it('of a topic that is not remembered any more', () => {
    const bench = makeHub({ limits: { maxTopics: 1, maxPositions: 0 } });
    const { epoch } = bench.publish('t');
    bench.publish('u');
    expect(bench.publish('t')).toMatchObject({ offset: 1 });
    expect(resumed(bench, 't', { epoch, offset: 1 }).log).toEqual(['gap:epochChanged:-1']);
  });

  it('does not fit a pattern with wildcards', () => {
    const bench = makeHub();
    const { epoch } = bench.publish('t');
    const member = bench.hub.join(new Recorder());
    expect(() => member.subscribe('*', { since: { epoch, offset: 1 } })).toThrow(expect.objectContaining({ code: 'positionKindMismatch' }));
    expect(() => member.subscribe('t', { since: { epoch, offset: -1 } })).toThrow(expect.objectContaining({ code: 'positionInvalid' }));
    expect(member.subscriptionCount).toBe(0);
    expect(bench.hub.stats()).toMatchObject({ subscriptions: 0, patterns: 0 });
  });
});

describe('a position of the hub', () => {
  it('resumes a topic nothing had been published to', () => {
    const bench = makeHub();
    const { position } = bench.hub;
    bench.publish('other');
    bench.publish('t');
    expect(resumed(bench, 't', position).log).toEqual(['t:1']);
  });

  it('resumes a wildcard in the order of publication', () => {
    const bench = makeHub();
    bench.publish('a.x');
    const { position } = bench.hub;
    for (const topic of ['a.y', 'b', 'a.x', 'a.y', 'a.z']) bench.publish(topic);
    expect(resumed(bench, 'a.*', position).log).toEqual(['a.y:1', 'a.x:2', 'a.y:2', 'a.z:1']);
  });

  it('reports a gap when a matching log lost something since, and only then', () => {
    const bench = makeHub({ history: { maxCount: 1 } });
    const { position } = bench.hub;
    bench.publish('a.x');
    bench.publish('b.x');
    bench.publish('b.x');
    expect(resumed(bench, 'a.*', position).log).toEqual(['a.x:1']);
    expect(resumed(bench, 'a.x', position).log).toEqual(['a.x:1']);
    expect(resumed(bench, 'b.*', position).log).toEqual(['gap:tooOld:-1']);
    expect(resumed(bench, 'b.x', position, 'oldest').log).toEqual(['gap:tooOld:-1', 'b.x:2']);
  });

  it('reports a gap when a topic is not remembered any more, matching or not', () => {
    const bench = makeHub({ limits: { maxTopics: 2, maxPositions: 0 } });
    const { position } = bench.hub;
    for (const topic of ['a', 'b', 'c']) bench.publish(topic);
    expect(resumed(bench, '>', position, 'oldest').log).toEqual(['gap:tooOld:-1', 'b:1', 'c:1']);
    expect(resumed(bench, 'a', position).log).toEqual(['gap:tooOld:-1']);
    expect(resumed(bench, '>', { ...position, offset: 1 }).log).toEqual(['b:1', 'c:1']);
  });

  it('of another hub, or never given out', () => {
    const bench = makeHub();
    bench.publish('t');
    expect(resumed(bench, '*', { epoch: 'h0', offset: 0 }).log).toEqual(['gap:epochChanged:-1']);
    expect(resumed(bench, 't', { epoch: 'h0', offset: 0 }, 'oldest').log).toEqual(['gap:epochChanged:-1', 't:1']);
    expect(resumed(bench, '*', { epoch: bench.hub.epoch, offset: 2 }).log).toEqual(['gap:inFuture:-1']);
  });
});

describe('the position of a gap', () => {
  it.each(['live', 'oldest'] as const)('resumes from there without the same gap, then %s', (afterGap) => {
    for (const pattern of ['t', '*']) {
      const bench = makeHub({ history: { maxCount: 2 } });
      for (let i = 0; i < 5; i++) bench.publish('t');
      const [gap] = resumed(bench, pattern, { epoch: bench.hub.epoch, offset: 1 }, afterGap).gaps;
      const again = resumed(bench, pattern, gap.position, afterGap);
      bench.publish('t');
      expect(again.log).toEqual(afterGap === 'live' ? ['t:6'] : ['t:4', 't:5', 't:6']);
    }
  });

  it('of more topics than a replay takes is where those begin that it takes', () => {
    const bench = makeHub({ limits: { maxReplayTopics: 2 } });
    const { position } = bench.hub;
    for (const topic of ['a', 'b', 'c', 'd']) bench.publish(topic);
    const told = resumed(bench, '*', position, 'oldest');
    expect(told.log).toEqual(['gap:tooManyTopics:-1', 'c:1', 'd:1']);
    expect(resumed(bench, '*', told.gaps[0].position, 'oldest').log).toEqual(['c:1', 'd:1']);
  });

  it('is where everything is, when there is nothing left to deliver', () => {
    const bench = makeHub({ history: { maxCount: 0 } });
    bench.publish('t');
    const [gap] = resumed(bench, 't', { epoch: 't0', offset: 9 }, 'oldest').gaps;
    expect(gap.position).toEqual(bench.hub.position);
    expect(resumed(bench, 't', gap.position).log).toEqual([]);
  });

  it('of a lag is where it goes on, too', () => {
    const bench = makeHub({ slow: 'dropOldest', history: { maxCount: 2 } });
    const recorder = new Recorder();
    recorder.window = 0;
    const subscription = bench.hub.join(recorder).subscribe('t');
    for (let i = 0; i < 5; i++) bench.publish('t');
    recorder.window = 9;
    subscription.resume();
    expect(recorder.log).toEqual(['gap:dropped:3', 't:4', 't:5']);
    expect(resumed(bench, 't', recorder.gaps[0].position).log).toEqual(['t:4', 't:5']);
  });
});
