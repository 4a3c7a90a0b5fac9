import { describe, expect, it } from 'vitest';
import { makeHub, Recorder } from './recorder.ts';

describe('a wildcard that is behind on more topics than it may catch up on', () => {
  it('goes on with the most recent ones, and is told how many it misses', () => {
    const { hub, publish } = makeHub({ slow: 'dropOldest', limits: { maxReplayTopics: 2 } });
    const recorder = new Recorder();
    const subscription = hub.join(recorder).subscribe('*');
    recorder.window = 0;
    for (const topic of ['a', 'b', 'c', 'd', 'd', 'c']) publish(topic);
    recorder.window = 2;
    subscription.resume();
    expect(recorder.take()).toEqual(['gap:tooManyTopics:2', 'c:1', 'd:1']);
    recorder.window = 10;
    subscription.resume();
    expect(recorder.take()).toEqual(['d:2', 'c:2']);
    publish('a');
    expect(recorder.take()).toEqual(['a:2']);
    expect(subscription.dropped).toBe(2);
  });

  it('is told so at the start, too', () => {
    const { hub, publish } = makeHub({ limits: { maxReplayTopics: 2 } });
    const { position } = hub;
    for (const topic of ['a', 'b', 'c']) publish(topic);
    const live = new Recorder();
    const oldest = new Recorder();
    hub.join(live).subscribe('*', { since: position });
    hub.join(oldest).subscribe('*', { since: position, afterGap: 'oldest' });
    publish('a');
    expect(live.log).toEqual(['gap:tooManyTopics:-1', 'a:2']);
    expect(oldest.log).toEqual(['gap:tooManyTopics:-1', 'b:1', 'c:1', 'a:2']);
  });
});

it('looks only at topics published to since', () => {
  const { hub, publish } = makeHub();
  for (let i = 0; i < 1000; i++) publish(`t${i}`);
  const { position } = hub;
  publish('t5');
  const recorder = new Recorder();
  hub.join(recorder).subscribe('*', { since: position });
  expect(recorder.log).toEqual(['t5:2']);
});
