import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/catalogue.ts';
import { loaded, problems } from './loading.ts';

describe('flags', () => {
  it.each([
    ['a value after it', ['--limits-max-headers', '50'], 50],
    ['a value after =', ['--limits-max-headers=50'], 50],
  ])('take %s', (_, argv, value) => {
    expect(loaded({ argv }).config.limits.maxHeaders).toBe(value);
  });

  it.each([
    [['--demo'], true],
    [['--demo=yes'], true],
    [['--no-demo'], false],
    [['--demo=off'], false],
    [['--demo', '--no-demo'], false],
  ])('%j makes demo %s', (argv, value) => {
    expect(loaded({ argv, env: { SLUICE_DEMO: String(!value) } }).config.demo).toBe(value);
  });

  it('that take lists may repeat, and take commas', () => {
    const argv = ['--http', '127.0.0.1:1,[::1]:2', '--http=localhost:3'];
    expect(loaded({ argv }).config.http).toEqual(['127.0.0.1:1', '[::1]:2', 'localhost:3']);
  });

  it('that take records take JSON', () => {
    const argv = ['--history-overrides', '[{"pattern":"news.>","count":5}]'];
    expect(loaded({ argv }).config.history.overrides).toEqual([{ pattern: 'news.>', count: 5 }]);
  });

  it.each([
    [['--root', '--demo'], '--root: expected a directory after it'],
    [['--root'], '--root: expected a directory after it'],
    [['--config'], '--config: expected a file after it'],
    [['--admin', 'off', '--admin', 'off'], '--admin: given more than once'],
    [['--no-demo=1'], '--no-demo: takes no value'],
    [['--no-root'], '--no-root: unknown flag; did you mean --root?'],
    [['--dem'], '--dem: unknown flag; did you mean --demo?'],
    [['--limits-max-message-bites', '3'], '--limits-max-message-bites: unknown flag; did you mean --limits-max-message-bytes?'],
    [['-q'], '-q: unknown flag'],
    [['--http'], '--http: expected HOST:PORT, like 127.0.0.1:8080 or [::1]:8080, or an inherited socket: fd:N or systemd after it'],
    [['--http', '8080'], '--http: expected HOST:PORT, got "8080"; use --http 127.0.0.1:8080'],
    [['--http', '127.0.0.1:99999'], '--http: expected HOST:PORT, got "127.0.0.1:99999": the port is above 65535'],
    [['--http', ':8080'], '--http: expected HOST:PORT, got ":8080"; use --http 127.0.0.1:8080'],
    [['--http=*:8080'], '--http: expected HOST:PORT, got "*:8080"; use --http 0.0.0.0:8080'],
    [['--admin', '9091'], '--admin: expected HOST:PORT, or off, got "9091"; use --admin 127.0.0.1:9091'],
    [['--port', '8080'], '--port: unknown flag; use --http HOST:PORT, like --http 127.0.0.1:8080'],
    [['--port=3000'], '--port: unknown flag; use --http HOST:PORT, like --http 127.0.0.1:3000'],
    [['-p', '3000'], '-p: unknown flag; use --http HOST:PORT, like --http 127.0.0.1:3000'],
    [['--port'], '--port: unknown flag; use --http HOST:PORT, like --http 127.0.0.1:8080'],
    [['--port', '--demo'], '--port: unknown flag; use --http HOST:PORT, like --http 127.0.0.1:8080'],
    [['--host', '0.0.0.0'], '--host: unknown flag; use --http HOST:PORT, like --http 0.0.0.0:8080'],
    [['--listen', '[::1]:80'], '--listen: unknown flag; use --http HOST:PORT, like --http [::1]:80'],
    [['--history-overrides', '[{"pattern": "a", "pattern": "b"}]'], '--history-overrides: line 1, column 19: the key "pattern" is repeated; it is on line 1 already'],
    [['--history-overrides', '[{"pattern": "a",}]'], '--history-overrides: line 1, column 18: not JSON: expected a key in double quotes, got }'],
    [['somewhere'], 'somewhere: unexpected argument'],
    [['--history-overrides', 'news'], '--history-overrides: expected a list of objects with pattern, count, bytes, ageMs, got "news"'],
    [['--auth-tokens', 'k'], '--auth-tokens: a secret does not belong on a command line; use SLUICE_AUTH_TOKENS or a file'],
  ])('%j is refused with its reason', (argv, problem) => {
    expect(problems({ argv })).toEqual([problem]);
  });

  it('are there for every setting that is no secret', () => {
    const secrets = settings.filter(({ notes }) => notes.secret).map(({ path }) => path);
    expect(secrets).toEqual(['auth.tokens', 'auth.readTokens', 'auth.adminToken']);
    expect(new Set(settings.map(({ flag }) => flag)).size).toBe(settings.length);
    for (const { flag } of settings) expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
