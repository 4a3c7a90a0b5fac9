import { describe, expect, it } from 'vitest';
import { maxNamesPerPage, publicationOverheadBytes, type Hub, type TopicListQuery } from '../src/index.ts';
import { makeHub, Recorder } from './recorder.ts';

const names = (hub: Hub, query: Partial<TopicListQuery> = {}): string[] => hub.topics(query).topics.map(({ topic }) => topic);

/** All pages, one behind the other. */
function walk(hub: Hub, query: Partial<TopicListQuery>): { topics: string[]; pages: number } {
  const topics: string[] = [];
  let after = '';
  for (let pages = 1; ; pages++) {
    const page = hub.topics({ ...query, after });
    topics.push(...page.topics.map(({ topic }) => topic));
    if (page.next === null) return { topics, pages };
    after = page.next;
  }
}

it('tells what each topic has, without what has become too old', () => {
  const { hub, clock, publish } = makeHub({ history: { maxAgeMs: 100 } });
  const { epoch } = publish('news', 'old');
  clock.nowMs += 101;
  clock.wallMs += 101;
  publish('news', 'two');
  publish('news', 'three');
  const recorder = new Recorder();
  hub.join(recorder).subscribe('news');
  hub.join(recorder).subscribe('*');
  expect(hub.topics()).toEqual({
    topics: [
      {
        topic: 'news',
        epoch,
        oldestOffset: 2,
        nextOffset: 4,
        count: 2,
        bytes: 8 + 2 * publicationOverheadBytes,
        lastTimeMs: clock.wallMs,
        subscriptions: 2,
      },
    ],
    next: null,
  });
  clock.nowMs += 101;
  expect(hub.topics().topics).toMatchObject([{ oldestOffset: 0, nextOffset: 4, count: 0, bytes: 0 }]);
});

describe('the topics', () => {
  it('come in the order of their names, some at a time, each once', () => {
    const { hub, publish } = makeHub();
    const all = Array.from({ length: 25 }, (_, i) => `t${(i * 7) % 25}`);
    for (const topic of all) publish(topic);
    expect(walk(hub, { limit: 10 })).toEqual({ topics: [...all].sort(), pages: 3 });
    expect(walk(hub, { limit: 25 })).toEqual({ topics: [...all].sort(), pages: 1 });
    expect(names(hub, { after: 't8' })).toEqual(['t9']);
    expect(names(hub, { after: 't81' })).toEqual(['t9']);
  });

  it('that begin with a prefix, or match a pattern, or both', () => {
    const { hub, publish } = makeHub();
    for (const topic of ['a', 'a.b', 'a.b.c', 'a.c', 'ab', 'b.b']) publish(topic);
    expect(names(hub, { prefix: 'a' })).toEqual(['a', 'a.b', 'a.b.c', 'a.c', 'ab']);
    expect(names(hub, { prefix: 'a.b' })).toEqual(['a.b', 'a.b.c']);
    expect(names(hub, { pattern: 'a.*' })).toEqual(['a.b', 'a.c']);
    expect(names(hub, { pattern: '*.b' })).toEqual(['a.b', 'b.b']);
    expect(names(hub, { pattern: 'a.b' })).toEqual(['a.b']);
    expect(names(hub, { pattern: 'a.>', prefix: 'a.b', after: 'a.b' })).toEqual(['a.b.c']);
    expect(names(hub, { pattern: 'a.>', prefix: 'b' })).toEqual([]);
    expect(names(hub, { pattern: 'a.>', after: 'b' })).toEqual([]);
    expect(() => hub.topics({ pattern: 'a..b' })).toThrow('tokenEmpty');
  });

  it('are those that have a log', () => {
    const { hub, clock, publish } = makeHub({ history: { maxAgeMs: 1 }, limits: { topicIdleMs: 100 } });
    publish('gone');
    clock.nowMs += 101;
    publish('here');
    hub.join(new Recorder()).subscribe('only.subscribed');
    hub.sweep();
    expect(names(hub)).toEqual(['here']);
    hub.destroy();
    expect(names(hub)).toEqual([]);
  });
});

it('a page looks at a bounded number of names, and says where the next begins', () => {
  const { hub, publish } = makeHub({ history: { maxCount: 0 } });
  for (let i = 0; i < maxNamesPerPage + 10; i++) publish(`x.${String(i).padStart(6, '0')}`);
  publish('y.last');
  const first = hub.topics({ pattern: '*.last', limit: 5 });
  expect(first).toEqual({ topics: [], next: `x.00${maxNamesPerPage - 1}` });
  expect(hub.topics({ pattern: '*.last', limit: 5, after: first.next ?? '' })).toMatchObject({ topics: [{ topic: 'y.last' }], next: null });
});
