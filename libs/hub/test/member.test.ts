import { describe, expect, it } from 'vitest';
import { makeHub, Recorder } from './recorder.ts';

describe('a member', () => {
  it('leaves with all its subscriptions and tags, without being told', () => {
    const { hub, publish } = makeHub();
    const recorder = new Recorder();
    const member = hub.join(recorder);
    const subscriptions = ['a', 'b', 'a', '*', '>'].map((pattern) => member.subscribe(pattern));
    member.addTag('x');
    expect(member.subscriptionCount).toBe(5);
    expect(member.tags).toEqual(['x']);
    subscriptions[1].unsubscribe();
    subscriptions[1].unsubscribe();
    expect(member.subscriptionCount).toBe(4);
    member.leave();
    member.leave();
    member.evict();
    publish('a');
    expect(recorder.log).toEqual([]);
    expect(member).toMatchObject({ left: true, subscriptionCount: 0, tags: [] });
    expect(subscriptions.map((subscription) => subscription.state)).toEqual(Array.from({ length: 5 }, () => 'ended'));
    expect(hub.stats()).toMatchObject({ members: 0, subscriptions: 0, patterns: 0, tags: 0, evicted: 0 });
    expect(() => member.subscribe('a')).toThrow(expect.objectContaining({ code: 'memberLeft' }));
    expect(() => member.addTag('x')).toThrow(expect.objectContaining({ code: 'memberLeft' }));
  });

  it('has bounds', () => {
    const { hub } = makeHub({ limits: { maxSubscriptionsPerMember: 2, maxTagsPerMember: 1 } });
    const member = hub.join(new Recorder());
    member.subscribe('a');
    member.subscribe('b');
    member.addTag('x');
    member.addTag('x');
    expect(() => member.subscribe('c')).toThrow(expect.objectContaining({ code: 'tooManySubscriptions', status: 429 }));
    expect(() => member.addTag('y')).toThrow(expect.objectContaining({ code: 'tooManyTags' }));
    expect(() => member.subscribe('')).toThrow(expect.objectContaining({ code: 'tooManySubscriptions' }));
    member.removeTag('x');
    member.removeTag('x');
    expect(() => member.addTag('')).toThrow(expect.objectContaining({ code: 'tagInvalid' }));
    expect(() => member.addTag('x'.repeat(256))).toThrow(expect.objectContaining({ code: 'tagInvalid' }));
    member.addTag('y');
    expect(member.tags).toEqual(['y']);
  });

  it('has ended everything by the time it is told of its eviction', () => {
    const { hub, publish } = makeHub();
    const recorder = new Recorder();
    const member = hub.join(recorder);
    member.subscribe('t');
    const seen: unknown[] = [];
    recorder.evict = (reason) => {
      seen.push(reason, member.left, member.subscriptionCount, hub.presenceCount('t'));
      publish('t');
    };
    member.evict('evicted');
    expect(seen).toEqual(['evicted', true, 0, 0]);
    expect(recorder.log).toEqual([]);
  });

  it('resumes all that is behind', () => {
    const { hub, publish } = makeHub({ slow: 'dropOldest' });
    const recorder = new Recorder();
    const member = hub.join(recorder);
    const subscriptions = ['a', 'b', 'c'].map((pattern) => member.subscribe(pattern));
    recorder.window = 0;
    for (const topic of ['a', 'b', 'a']) publish(topic);
    expect(subscriptions.map((subscription) => subscription.state)).toEqual(['lagging', 'lagging', 'live']);
    recorder.window = 2;
    recorder.onDeliver = () => subscriptions[2].unsubscribe();
    member.resumeAll();
    expect(recorder.log).toEqual(['b:1', 'a:1']);
    recorder.window = 2;
    member.resumeAll();
    expect(recorder.log).toEqual(['b:1', 'a:1', 'a:2']);
    expect(subscriptions.map((subscription) => subscription.state)).toEqual(['live', 'live', 'ended']);
  });
});
