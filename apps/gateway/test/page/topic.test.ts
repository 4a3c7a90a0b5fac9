import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { pageModule } from './modules.ts';

const { commandLines, topicOfHash, topicPath, topicProblem, topicUrl } = await pageModule('topic');
const local = { protocol: 'http:', host: 'localhost:8080' };

describe('topics', () => {
  it.each(['news', 'room.42', 'sensors.weir-7', 'größe', "it's"])('%s is one', (topic) => {
    expect(topicProblem(topic)).toBe('');
    expect(topicOfHash(`#${encodeURIComponent(topic)}`)).toBe(topic);
  });

  it.each(['', 'a b', 'a..b', '.a', 'a.', 'news.*', '>'])('%j is none', (topic) => {
    expect(topicProblem(topic)).not.toBe('');
    expect(topicOfHash(`#${encodeURIComponent(topic)}`)).toBeNull();
  });

  it('a broken hash names none', () => {
    expect(topicOfHash('#%E0%A4%A')).toBeNull();
  });

  it('have addresses, with what is known of a query', () => {
    expect(topicPath('a/b?c')).toBe('/topics/a%2Fb%3Fc');
    expect(topicPath('news', { since: 'e:5', limit: undefined })).toBe('/topics/news?since=e%3A5');
    expect(topicPath('news', { since: null })).toBe('/topics/news');
    expect(topicUrl('news', 'ws', {}, local)).toBe('ws://localhost:8080/topics/news');
    expect(topicUrl('news', 'ws', {}, { protocol: 'https:', host: 'x' })).toBe('wss://x/topics/news');
  });
});

describe('command lines', () => {
  it('are the ones people know', () => {
    expect(commandLines('news', local).map(({ line }) => line)).toEqual([
      'curl -d hello localhost:8080/topics/news',
      "curl -NH 'Accept: text/event-stream' localhost:8080/topics/news",
      "curl 'localhost:8080/topics/news?limit=10'",
      'npx wscat -c ws://localhost:8080/topics/news',
    ]);
  });

  it('say the scheme where it is not the usual one', () => {
    expect(commandLines('news', { protocol: 'https:', host: 'x' })[0]?.line).toBe('curl -d hello https://x/topics/news');
  });

  it.each(["it's", '$(date)', 'a;b', 'a&b', '`id`'])('a shell passes the address of %s on as it is', (topic) => {
    const line = commandLines(topic, local)[0]?.line ?? '';
    const printed = execFileSync('sh', ['-c', line.replace('curl -d hello', 'printf %s')], { encoding: 'utf8' });
    expect(printed).toBe(`localhost:8080/topics/${encodeURIComponent(topic)}`);
  });
});
