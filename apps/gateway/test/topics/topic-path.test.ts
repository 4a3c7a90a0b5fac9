import { expect, it } from 'vitest';
import { parseTopicPath } from '../../src/topics/topic-path.ts';

it.each([
  ['/topics/news', { topic: 'news', resource: 'topic' }],
  ['/topics/a.b.c', { topic: 'a.b.c', resource: 'topic' }],
  ['/topics/news.%3E', { topic: 'news.>', resource: 'topic' }],
  ['/topics/gr%C3%BC%C3%9Fe', { topic: 'grüße', resource: 'topic' }],
  ['/topics/news/presence', { topic: 'news', resource: 'presence' }],
  ['/topics/presence', { topic: 'presence', resource: 'topic' }],
])('%s', (path, parsed) => {
  expect(parseTopicPath(path)).toEqual(parsed);
});

it.each(['/topics/', '/topics', '/topics/a/b', '/topics/a/presence/', '/topics//presence', '/topics/%ff', '/topics/%', '/topic/a'])('%s is none', (path) => {
  expect(parseTopicPath(path)).toBeNull();
});
