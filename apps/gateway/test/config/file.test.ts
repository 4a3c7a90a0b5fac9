import { describe, expect, it } from 'vitest';
import { loaded, problems } from './loading.ts';

describe('the configuration file', () => {
  it('may name its schema', () => {
    expect(loaded({ file: { $schema: './sluice.schema.json', demo: true } }).config.demo).toBe(true);
  });

  it('may begin with a byte order mark', () => {
    expect(loaded({ file: '\uFEFF{"demo": true}' }).config.demo).toBe(true);
  });

  it('has its syntax errors named by line and column', () => {
    expect(problems({ file: '{\n  "demo": true,,\n}' })).toEqual(['sluice.json:2:16: not JSON: expected a key in double quotes, got ,']);
    expect(problems({ file: '{"demo": ' })).toEqual(['sluice.json:1:10: not JSON: expected a value, got the end of the text']);
  });

  it('has no key twice: the first value would be lost without a word', () => {
    const file = '{\n  "auth": { "tokens": ["hush"] },\n  "limits": { "maxHeaders": 10, "maxHeaders": 20 },\n  "auth": {}\n}';
    expect(problems({ file })).toEqual([
      'sluice.json:3:33: the key "maxHeaders" is repeated; it is on line 3 already',
      'sluice.json:4:3: the key "auth" is repeated; it is on line 2 already',
    ]);
  });

  it.each([
    [3, 'sluice.json: expected an object, got 3'],
    [null, 'sluice.json: expected an object, got null'],
    [{ limits: [] }, 'sluice.json: limits: expected an object, got []'],
    [{ http: '127.0.0.1:80' }, 'sluice.json: http: expected a list, got a string; use ["127.0.0.1:80"]'],
    [{ http: '8080, [::1]:80' }, 'sluice.json: http: expected a list, got a string; use ["127.0.0.1:8080","[::1]:80"]'],
    [{ http: 8080 }, 'sluice.json: http: expected a list, got a number; use ["127.0.0.1:8080"]'],
    [{ http: [8080] }, 'sluice.json: http[0]: expected HOST:PORT, got 8080; use "127.0.0.1:8080"'],
    [{ http: { host: 'a' } }, 'sluice.json: http: expected a list, got an object'],
    [{ http: null }, 'sluice.json: http: expected a list, got null'],
    [{ port: 3000 }, 'sluice.json: port: unknown setting; use "http": ["127.0.0.1:3000"]'],
    [{ listen: '0.0.0.0:3000' }, 'sluice.json: listen: unknown setting; use "http": ["0.0.0.0:3000"]'],
    [{ limits: { port: 3000 } }, 'sluice.json: limits.port: unknown setting'],
    [{ admin: ':9091' }, 'sluice.json: admin: expected HOST:PORT, or off, got ":9091"; use "127.0.0.1:9091"'],
    [{ http: ['a:1', 'b'] }, 'sluice.json: http[1]: expected HOST:PORT, like 127.0.0.1:8080 or [::1]:8080, or an inherited socket: fd:N or systemd, got "b"'],
    [{ origins: ['https://a.example', 'https://a.example'] }, 'sluice.json: origins: expected each item once, got "https://a.example" twice'],
    [{ maxMessageBytes: 1 }, 'sluice.json: maxMessageBytes: unknown setting; did you mean limits.maxMessageBytes?'],
    [{ limit: {} }, 'sluice.json: limit: unknown setting; did you mean limits?'],
    [{ qqqqqq: 1 }, 'sluice.json: qqqqqq: unknown setting'],
    [{ history: { overrides: [{ pattern: 'news.*', cont: 5 }] } }, 'sluice.json: history.overrides[0].cont: unknown setting; did you mean count?'],
    [{ history: { overrides: [{ count: 5 }] } }, 'sluice.json: history.overrides[0].pattern: missing; expected a topic pattern, like news.* or news.>'],
    [{ history: { overrides: [{ pattern: 'a.>.b' }] } }, 'sluice.json: history.overrides[0].pattern: expected a topic pattern, like news.* or news.>, got "a.>.b"'],
    [{ timeouts: { idleTimeoutMs: -1 } }, 'sluice.json: timeouts.idleTimeoutMs: expected a whole number from 1 to 86400000, or 0 for never, got -1'],
    [{ limits: { maxHeaders: 10.5 } }, 'sluice.json: limits.maxHeaders: expected a whole number from 8 to 2000, got 10.5'],
  ])('%j is refused with its reason', (file, problem) => {
    expect(problems({ file: JSON.stringify(file) })).toEqual([problem]);
  });

  it('never has a secret repeated', () => {
    const [problem = ''] = problems({ file: { auth: { tokens: ['good', 'p@ssw ord'] } } });
    expect(problem).toMatch(/^sluice\.json: auth\.tokens\[1\]: expected a bearer token/);
    expect(problem).not.toContain('ssw');
    expect(problems({ file: { auth: { tokens: 'hush' } } })).toEqual(['sluice.json: auth.tokens: expected a list, got a string']);
    expect(problems({ file: { auth: { tokens: ['hush', 'hush'] } } })).toEqual(['sluice.json: auth.tokens: expected each item once, got one twice']);
  });
});
