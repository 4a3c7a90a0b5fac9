import { describe, expect, it } from 'vitest';
import { formatProblem, loadConfig } from '../../src/config/index.ts';
import { loaded, problems } from './loading.ts';

describe('the environment', () => {
  it('spells a path in capitals', () => {
    const env = { SLUICE_LIMITS_MAX_MESSAGE_BYTES: '65536', SLUICE_HTTP: '[::1]:0, localhost:0', SLUICE_LOG_ACCESS: 'no' };
    const { config } = loaded({ env });
    expect(config.limits.maxMessageBytes).toBe(65_536);
    expect(config.http).toEqual(['[::1]:0', 'localhost:0']);
    expect(config.log.access).toBe(false);
  });

  it('takes a value from the file that a variable ending in _FILE names', () => {
    const files: Record<string, string> = { '/run/tokens': 'one\ntwo\n', '/run/admin': 'three\n' };
    const readFile = (path: string): string => {
      if (files[path] === undefined) throw new Error('no such file');
      return files[path];
    };
    const load = (env: Record<string, string>) => loadConfig({ argv: [], env, readFile });
    expect(load({ SLUICE_AUTH_TOKENS_FILE: '/run/tokens', SLUICE_AUTH_ADMIN_TOKEN_FILE: '/run/admin' })).toMatchObject({
      config: { auth: { tokens: ['one', 'two'], adminToken: 'three' } },
    });
    expect(load({ SLUICE_PID_FILE: '/run/pid' })).toMatchObject({ config: { pidFile: '/run/pid' } });
    const where = 'SLUICE_AUTH_TOKENS_FILE';
    expect(load({ [where]: '/run/none' })).toMatchObject({ problems: [{ where, message: '/run/none cannot be read: no such file' }] });
    expect(load({ [where]: '/run/tokens', SLUICE_AUTH_TOKENS: 'x' })).toMatchObject({ problems: [{ where, message: expect.stringContaining('SLUICE_AUTH_TOKENS is set too') as string }] });
  });

  it('unsets with the empty text', () => {
    const { config } = loaded({ env: { SLUICE_ROOT: '', SLUICE_SUBPROTOCOLS: '' }, file: { root: '/srv' } });
    expect(config.root).toBeNull();
    expect(config.subprotocols).toEqual([]);
  });

  it('holds the secrets', () => {
    const { config } = loaded({ env: { SLUICE_AUTH_TOKENS: 'one,two', SLUICE_AUTH_ADMIN_TOKEN: 'three' } });
    expect(config.auth).toEqual({ tokens: ['one', 'two'], readTokens: [], cookie: null, adminToken: 'three' });
  });

  it('gives a warning for a variable that is not ours', () => {
    const { warnings } = loaded({ env: { SLUICE_HTPP: 'x', SLUICE_SERVICE_HOST: 'y', PATH: '/bin' } });
    expect(warnings.map(formatProblem)).toEqual([
      'SLUICE_HTPP: unknown variable; did you mean SLUICE_HTTP?',
      'SLUICE_SERVICE_HOST: unknown variable',
    ]);
    const others = { SLUICE_PORT: '8080', SLUICE_ADDRESS: 'sluice.example', SLUICE_LISTEN: 'tcp://10.0.0.1:8080' };
    expect(loaded({ env: others }).warnings.map(formatProblem)).toEqual([
      'SLUICE_PORT: unknown variable; use SLUICE_HTTP=HOST:PORT, like SLUICE_HTTP=127.0.0.1:8080',
      'SLUICE_ADDRESS: unknown variable',
      'SLUICE_LISTEN: unknown variable',
    ]);
  });

  it('gives a warning where it empties the secrets of a file', () => {
    const file = { auth: { tokens: ['hush'] } };
    const { config, warnings } = loaded({ env: { SLUICE_AUTH_TOKENS: '' }, file });
    expect(config.auth.tokens).toEqual([]);
    expect(warnings.map(formatProblem)).toEqual(['SLUICE_AUTH_TOKENS: is empty, so auth.tokens in sluice.json does not count; unset the variable to use it']);
  });

  it.each([
    [{ SLUICE_LIMITS_MAX_HEADERS: '1e2' }, 'SLUICE_LIMITS_MAX_HEADERS: expected a whole number from 8 to 2000, got "1e2"'],
    [{ SLUICE_LIMITS_MAX_HEADERS: '' }, 'SLUICE_LIMITS_MAX_HEADERS: expected a whole number from 8 to 2000, got ""'],
    [{ SLUICE_DEMO: 'maybe' }, 'SLUICE_DEMO: expected true or false, got "maybe"'],
    [{ SLUICE_SLOW_SUBSCRIBER_OVERRIDES: '[{"pattern":">","policy":"drop"}]' }, 'SLUICE_SLOW_SUBSCRIBER_OVERRIDES[0].policy: expected one of disconnect, dropOldest, conflate, got "drop"'],
  ] as const)('%j is refused with its reason', (env, problem) => {
    expect(problems({ env })).toEqual([problem]);
  });
});
