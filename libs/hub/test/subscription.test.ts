import { expect, it } from 'vitest';
import { makeHub, Recorder } from './recorder.ts';

it('tells what it is and in which state', () => {
  const { hub, clock, publish } = makeHub({ slow: 'dropOldest' });
  const recorder = new Recorder();
  const member = hub.join(recorder);
  const { epoch } = publish('t');
  const subscription = member.subscribe('t');
  expect(subscription).toMatchObject({ pattern: 't', subscriber: recorder, member, sinceMs: clock.wallMs, dropped: 0, state: 'live' });
  subscription.resume();
  publish('t');
  expect(subscription.state).toBe('live');
  recorder.window = 0;
  const replaying = member.subscribe('t', { since: { epoch, offset: 0 } });
  expect(replaying.state).toBe('catchingUp');
  publish('t');
  expect(subscription.state).toBe('lagging');
  recorder.window = 10;
  subscription.resume();
  replaying.resume();
  expect([subscription.state, replaying.state]).toEqual(['live', 'live']);
  expect(recorder.take()).toEqual(['t:2', 't:3', 't:1', 't:2', 't:3']);
  subscription.unsubscribe();
  subscription.resume();
  expect(subscription.state).toBe('ended');
});

it('can end in the middle of its own replay, or at the gap', () => {
  const { hub, publish } = makeHub({ history: { maxCount: 3 } });
  const { epoch } = publish('t');
  for (let i = 0; i < 4; i++) publish('t');
  const recorder = new Recorder();
  const member = hub.join(recorder);
  recorder.onDeliver = (_publication, subscription) => subscription?.unsubscribe();
  expect(member.subscribe('t', { since: { epoch, offset: 2 } }).state).toBe('ended');
  expect(recorder.take()).toEqual(['t:3']);
  recorder.gap = (_gap): void => member.leave();
  expect(member.subscribe('t', { since: { epoch, offset: 0 }, afterGap: 'oldest' }).state).toBe('ended');
  publish('t');
  expect(recorder.log).toEqual([]);
});

it('stays ended when it ends itself and refuses in the same breath', () => {
  const { hub, publish } = makeHub({ slow: 'dropOldest' });
  const recorder = new Recorder();
  const subscription = hub.join(recorder).subscribe('t');
  recorder.deliver = (): boolean => {
    subscription.unsubscribe();
    return false;
  };
  publish('t');
  expect(subscription.state).toBe('ended');
});

it('gets nothing more when it ends itself at a gap in the middle of a replay', () => {
  const { hub, publish } = makeHub({ slow: 'conflate' });
  const recorder = new Recorder();
  const subscription = hub.join(recorder).subscribe('*');
  recorder.window = 0;
  for (const topic of ['a', 'b', 'b', 'c']) publish(topic);
  recorder.window = 10;
  recorder.gap = () => subscription.unsubscribe();
  subscription.resume();
  expect(recorder.log).toEqual(['a:1']);
  expect(subscription.state).toBe('ended');
});
