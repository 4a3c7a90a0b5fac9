import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatternIndex } from '../src/pattern-index.ts';
import { SubscriptionList } from '../src/subscription-list.ts';
import { patternMatches } from '../src/topic.ts';
import { makeHub, Recorder } from './recorder.ts';

const token = fc.constantFrom('a', 'b', 'c');
const topic = fc.array(token, { minLength: 1, maxLength: 4 });
const pattern = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { maxLength: 3 }), fc.oneof(token, fc.constant('*'), fc.constant('>')))
  .map(([front, last]) => [...front, last].join('.'));

describe('the pattern index', () => {
  it('finds exactly the patterns that match, after any additions and removals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(pattern, fc.boolean())), fc.array(topic), (changes, topics) => {
        const index = new PatternIndex();
        const inside = new Map<string, SubscriptionList>();
        for (const [name, add] of changes) {
          const known = inside.get(name);
          if (add && known === undefined) {
            const list = new SubscriptionList(name);
            index.add(list);
            inside.set(name, list);
          } else if (!add && known !== undefined) {
            index.remove(known);
            inside.delete(name);
          }
        }
        expect(index.size).toBe(inside.size);
        for (const tokens of topics) {
          const found = index.match(tokens.join('.'), tokens).map((list) => list.pattern);
          const expected = [...inside.values()].filter((list) => patternMatches(list.tokens, tokens)).map((list) => list.pattern);
          expect(found.toSorted()).toEqual(expected.toSorted());
        }
      }),
    );
  });

  it('leaves no branch behind', () => {
    const index = new PatternIndex();
    const lists = ['a.*.c', 'a.>', '*.b.>', 'a.*.d'].map((name) => new SubscriptionList(name));
    for (const list of lists) index.add(list);
    for (const list of lists) index.remove(list);
    index.steps = 0;
    index.match('a.b.c', ['a', 'b', 'c']);
    expect(index.steps).toBe(2);
  });
});

describe('the cost of matching', () => {
  function stepsOfPublishing(unrelated: number): { cold: number; hot: number; walks: number } {
    const { hub, publish } = makeHub();
    const crowd = Array.from({ length: Math.ceil(unrelated / 500) }, () => hub.join(new Recorder()));
    for (let i = 0; i < unrelated; i++) {
      const member = crowd[Math.floor(i / 500)];
      member.subscribe([`other.t${i}`, `other.t${i}.*`, `other.*.t${i}`, `other.t${i}.>`][i % 4]);
    }
    const near = hub.join(new Recorder());
    for (const name of ['news.*.eu', 'news.>', '*.sport.eu', 'news.sport.eu']) near.subscribe(name);
    publish('news.sport.eu');
    const cold = hub.stats().matchSteps;
    const { matchWalks } = hub.stats();
    for (let i = 0; i < 1000; i++) publish('news.sport.eu');
    const result = { cold, hot: hub.stats().matchSteps - cold, walks: hub.stats().matchWalks - matchWalks };
    hub.destroy();
    return result;
  }

  it('does not grow with unrelated subscriptions, and is nothing on a hot topic', () => {
    const alone = stepsOfPublishing(0);
    expect(alone).toEqual({ cold: alone.cold, hot: 0, walks: 0 });
    expect(stepsOfPublishing(40)).toEqual(alone);
    expect(stepsOfPublishing(20_000)).toEqual(alone);
  });

  it('is paid again only when a pattern comes or goes that may concern the topic', () => {
    const { hub, publish } = makeHub();
    const subscriber = new Recorder();
    const member = hub.join(subscriber);
    publish('a.b');
    const walksOf = (change: () => void): number => {
      const before = hub.stats().matchWalks;
      change();
      publish('a.b');
      return hub.stats().matchWalks - before;
    };
    expect(walksOf(() => member.subscribe('other'))).toBe(0);
    expect(walksOf(() => member.subscribe('a.b'))).toBe(1);
    expect(walksOf(() => member.subscribe('a.b'))).toBe(0);
    expect(walksOf(() => member.subscribe('a.*'))).toBe(1);
    expect(walksOf(() => member.leave())).toBe(1);
    expect(subscriber.log).toHaveLength(1 + 2 + 3);
  });
});
