import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settings, valueAt } from '../../src/config/catalogue.ts';
import { load, loaded, problems } from './loading.ts';

describe('with nothing given', () => {
  it('every setting has its default', () => {
    const { config, sources } = loaded();
    for (const setting of settings) {
      expect(valueAt(config, setting.keys), setting.path).toEqual(setting.default);
      expect(sources.get(setting.path)?.from, setting.path).toBe('default');
    }
  });

  it('listens on this machine only', () => {
    const { config } = loaded();
    expect(config.http).toEqual(['127.0.0.1:8080']);
    expect(config.admin).toBe('127.0.0.1:9090');
    expect(config.limits.maxMessageBytes).toBe(1_048_576);
  });
});

describe('precedence', () => {
  const path = 'limits.maxHeaders';
  const file = { limits: { maxHeaders: 11 } };
  const env = { SLUICE_LIMITS_MAX_HEADERS: '12' };
  const argv = ['--limits-max-headers', '13'];

  it.each([
    ['file over default', { file }, 11, { from: 'file', name: 'sluice.json' }],
    ['environment over file', { file, env }, 12, { from: 'environment', name: 'SLUICE_LIMITS_MAX_HEADERS' }],
    ['flag over environment and file', { file, env, argv }, 13, { from: 'flag', name: '--limits-max-headers' }],
  ] as const)('%s', (_, given, value, source) => {
    const result = loaded(given);
    expect(result.config.limits.maxHeaders).toBe(value);
    expect(result.sources.get(path)).toEqual(source);
  });

  it('holds setting by setting, for any choice of sources', () => {
    const numbers = settings.filter(({ notes, group }) => notes.kind === 'number' && group === 'timeouts');
    const sourcesOf = fc.record(
      Object.fromEntries(numbers.map(({ path }) => [path, fc.record({ file: fc.boolean(), env: fc.boolean(), flag: fc.boolean() })])),
    );
    fc.assert(
      fc.property(sourcesOf, (chosen) => {
        const timeouts: Record<string, number> = {};
        const variables: Record<string, string> = {};
        const flags: string[] = [];
        for (const { path: at, keys, variable, flag } of numbers) {
          const { file: inFile, env: inEnv, flag: inFlag } = chosen[at] as Record<'file' | 'env' | 'flag', boolean>;
          if (inFile) timeouts[keys.at(-1) as string] = 1001;
          if (inEnv) variables[variable] = '1002';
          if (inFlag) flags.push(`--${flag}=1003`);
        }
        const { config } = loaded({ file: { timeouts }, env: variables, argv: flags });
        for (const { path: at, keys, default: byDefault } of numbers) {
          const { file: inFile, env: inEnv, flag: inFlag } = chosen[at] as Record<'file' | 'env' | 'flag', boolean>;
          expect(valueAt(config, keys)).toBe(inFlag ? 1003 : inEnv ? 1002 : inFile ? 1001 : byDefault);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('--config wins over SLUICE_CONFIG', () => {
    expect(loaded({ file, argv: ['--config', 'sluice.json'], env: { SLUICE_CONFIG: 'other.json' } }).file).toBe('sluice.json');
  });

  it('the file that SLUICE_DEFAULTS names gives way to every other source', () => {
    const files = { 'defaults.json': { demo: true, limits: { maxHeaders: 10 } } };
    const env = { SLUICE_DEFAULTS: 'defaults.json' };
    expect(loaded({ files, env }).config).toMatchObject({ demo: true, limits: { maxHeaders: 10 } });
    expect(loaded({ files, env }).sources.get('demo')).toEqual({ from: 'file', name: 'defaults.json' });
    expect(loaded({ files, env, file: { demo: false } }).config).toMatchObject({ demo: false, limits: { maxHeaders: 10 } });
    expect(loaded({ files, env: { ...env, SLUICE_DEMO: 'false' } }).config.demo).toBe(false);
    expect(loaded({ files, env, argv: ['--no-demo'] }).config.demo).toBe(false);
    expect(loaded({ env: { SLUICE_DEFAULTS: '' } }).config.demo).toBe(false);
    expect(problems({ env })).toEqual(['defaults.json: cannot be read: ENOENT: no such file: defaults.json']);
  });

  it('a list replaces a list', () => {
    const { config } = loaded({ file: { http: ['127.0.0.1:1', '127.0.0.1:2'] }, argv: ['--http', '[::1]:3'] });
    expect(config.http).toEqual(['[::1]:3']);
  });
});

describe('relative paths', () => {
  it('of a file are relative to its directory, those of flags and variables to the working directory', () => {
    const files = { 'conf/sluice.json': { root: 'www', pidFile: '../run/a.pid' } };
    const fromFile = loaded({ files, argv: ['--config', 'conf/sluice.json'] }).config;
    expect([fromFile.root, fromFile.pidFile]).toEqual([join('conf', 'www'), join('run', 'a.pid')]);
    expect(loaded({ files, argv: ['--config', 'conf/sluice.json', '--root', 'www'], env: { SLUICE_PID_FILE: 'a.pid' } }).config).toMatchObject({ root: 'www', pidFile: 'a.pid' });
  });

  it('of certificates too: they are read from where they are', () => {
    const tls = { cert: 'a.pem', key: '/b.key', certificates: [{ cert: 'c.pem', key: 'd.key' }], ca: ['e.pem'] };
    const read = problems({ files: { '/etc/sluice/sluice.json': { tls } }, argv: ['--config', '/etc/sluice/sluice.json'] }).map((problem) => /: (\S+) cannot be read/.exec(problem)?.[1]);
    expect(read).toEqual(['/etc/sluice/a.pem', '/b.key', '/etc/sluice/c.pem', '/etc/sluice/d.key', '/etc/sluice/e.pem']);
  });
});

describe('problems', () => {
  it('come all at once, from every source', () => {
    expect(
      problems({
        file: { limits: { maxMessageBytes: 'x', maxHeders: 1 } },
        env: { SLUICE_HTTP: '8080' },
        argv: ['--demo=perhaps', '--log-level', 'loud'],
      }),
    ).toEqual([
      'sluice.json: limits.maxHeders: unknown setting; did you mean maxHeaders?',
      'sluice.json: limits.maxMessageBytes: expected a whole number from 1 to 1073741824, got "x"',
      'SLUICE_HTTP: expected HOST:PORT, got "8080"; use SLUICE_HTTP=127.0.0.1:8080',
      '--demo: expected true or false, got "perhaps"',
      '--log-level: expected one of debug, info, warn, error, off, got "loud"',
    ]);
  });

  it('come with those of files that are named, whatever else is wrong', () => {
    const file = { tls: { cert: '/none.pem', key: '/none.key' }, commandPeers: { thumbprints: [{ thumbprint: 'AB', name: 'Ada' }] } };
    expect(problems({ file, argv: ['--command', 'nowhere'] }).map((problem) => problem.replace(/: [^:]*$/, ''))).toEqual([
      expect.stringContaining('sluice.json: commandPeers.thumbprints[0].thumbprint'),
      expect.stringContaining('--command'),
      'sluice.json: tls.cert: /none.pem cannot be read: ENOENT: no such file',
      'sluice.json: tls.key: /none.key cannot be read: ENOENT: no such file',
    ]);
  });

  it('are named also where another source would have overruled the value', () => {
    expect(problems({ file: { limits: { maxHeaders: 0 } }, argv: ['--limits-max-headers', '50'] })).toEqual([
      'sluice.json: limits.maxHeaders: expected a whole number from 8 to 2000, got 0',
    ]);
  });

  it('name a file that cannot be read', () => {
    expect(problems({ argv: ['--config', 'missing.json'] })).toEqual([
      'missing.json: cannot be read: ENOENT: no such file: missing.json',
    ]);
  });

  it('never come as an exception, whatever the arguments', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.string().map((text) => `--${text}`))), (argv) => {
        const result = load({ argv });
        expect(result.ok || result.problems.length > 0).toBe(true);
      }),
    );
  });

  it('never come as an exception, whatever the file', () => {
    const group = fc.constantFrom('limits', 'history', 'http', 'auth', 'static', 'demo', 'root');
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.dictionary(group, fc.jsonValue()).map((value) => JSON.stringify(value))), (file) => {
        const result = load({ file });
        expect(result.ok || result.problems.length > 0).toBe(true);
      }),
    );
  });
});
