import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/catalogue.ts';
import { runCli, type ServeRequest } from '../../src/cli/index.ts';

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly served: ServeRequest | null;
}

async function gateway(
  argv: readonly string[],
  { env = {}, files = {} }: { readonly env?: Record<string, string>; readonly files?: Record<string, string> } = {},
): Promise<Outcome> {
  let out = '';
  let err = '';
  let served: ServeRequest | null = null;
  const status = await runCli({
    serve: (request) => {
      served = request;
      return Promise.resolve(0);
    },
    host: {
      argv,
      env,
      directoryProblem: (path) => (path.startsWith('/nowhere') ? 'does not exist' : null),
      readFile: (path) => {
        const content = files[path];
        if (content === undefined) throw new Error(`ENOENT: ${path}`);
        return content;
      },
      columns: 80,
      version: () => '1.2.3',
      print: (text) => void (out += text),
      printError: (text) => void (err += text),
    },
  });
  return { status, out, err, served };
}

describe('serve', () => {
  it.each([[[]], [['serve']], [['--demo']], [['serve', '--demo']]])('is what %j means', async (argv) => {
    const { status, served, err } = await gateway(argv);
    expect(status).toBe(0);
    expect(err).toBe('');
    expect(served?.loaded.config.demo).toBe(argv.includes('--demo'));
  });

  it('exits 2 where the directory to be served does not exist, and names the setting', async () => {
    for (const command of ['serve', 'check-config']) {
      expect(await gateway([command, '--root', '/nowhere/www'])).toMatchObject({ status: 2, served: null, err: '--root: /nowhere/www does not exist\n' });
    }
    const files = { 'a.json': JSON.stringify({ root: '/nowhere' }) };
    expect(await gateway(['--config', 'a.json'], { files })).toMatchObject({ status: 2, err: 'a.json: root: /nowhere does not exist\n' });
  });

  it('exits 2 on a bad configuration, each problem on a line of standard error', async () => {
    const { status, err, out, served } = await gateway(['--http', '0.0.0.0:80', '--admin', '0.0.0.0:81']);
    expect(status).toBe(2);
    expect(served).toBeNull();
    expect(out).toBe('');
    expect(err.trimEnd().split('\n').map((line) => line.split(':')[0])).toEqual(['--http', '--admin']);
  });

  it('gives warnings and goes on', async () => {
    const { status, err, served } = await gateway([], { env: { SLUICE_HTPP: 'x' } });
    expect(err).toBe('warning: SLUICE_HTPP: unknown variable; did you mean SLUICE_HTTP?\n');
    expect(served).not.toBeNull();
    expect(status).toBe(0);
  });

  it('can load again, and sees what the file says by then', async () => {
    const files = { 'a.json': '{"drain":{"deadlineMs":1}}' };
    const { served } = await gateway(['--config', 'a.json'], { files });
    files['a.json'] = '{"drain":{"deadlineMs":2}}';
    const again = served?.reload();
    expect(again?.ok && again.config.drain.deadlineMs).toBe(2);
    files['a.json'] = '{';
    expect(served?.reload().ok).toBe(false);
  });
});

describe('a command with flags of its own', () => {
  it.each([[['cert', '--help']], [['cert', '-h', '--dir', 'x']]])('%j prints its own help, and does nothing', async (argv) => {
    const { status, out, err } = await gateway(argv);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^usage: sluice cert /);
    expect(out).not.toContain('--http');
  });

  it('has its problems told as everywhere', async () => {
    expect(await gateway(['cert', '--days', 'never'])).toMatchObject({ status: 2, out: '', err: '--days: expected a whole number from 1 to 3650, got "never"\n' });
  });
});

describe('check-config', () => {
  it('prints ok and where each setting comes from', async () => {
    const { status, out } = await gateway(['check-config', '--demo', '--config', 'a.json'], {
      files: { 'a.json': '{"limits":{"maxHeaders":50}}' },
      env: { SLUICE_AUTH_TOKENS: 'hush-one,hush-two' },
    });
    const lines = out.trimEnd().split('\n');
    expect(status).toBe(0);
    expect(lines[0]).toBe('ok');
    expect(lines).toHaveLength(1 + settings.length);
    const cells = lines.slice(1).map((line) => line.split(/\s{2,}/));
    expect(cells).toContainEqual(['demo', 'true', '--demo']);
    expect(cells).toContainEqual(['limits.maxHeaders', '50', 'a.json']);
    expect(cells).toContainEqual(['auth.tokens', '(2 set)', 'SLUICE_AUTH_TOKENS']);
    expect(cells).toContainEqual(['log.level', 'info', 'default']);
    expect(out).not.toContain('hush');
  });

  it('exits 2 with the problems', async () => {
    const { status, out, err } = await gateway(['check-config', '--log-level', 'loud', '--root']);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toBe(
      '--root: expected a directory after it\n--log-level: expected one of debug, info, warn, error, off, got "loud"\n',
    );
  });
});

describe('the other commands', () => {
  it('print-config-schema prints JSON', async () => {
    const { status, out } = await gateway(['print-config-schema']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ title: 'Sluice gateway configuration' });
  });

  it('print-config-schema takes no arguments', async () => {
    expect(await gateway(['print-config-schema', '--demo'])).toMatchObject({ status: 2, err: '--demo: unexpected argument\n' });
  });

  it.each([[['help']], [['--help']], [['-h']], [['serve', '--help']], [['--htpp', '--help']]])('%j prints help', async (argv) => {
    const { status, out, served } = await gateway(argv);
    expect(status).toBe(0);
    expect(served).toBeNull();
    expect(out).toMatch(/^sluice: /);
  });

  it('--version prints the version', async () => {
    expect(await gateway(['--version'])).toMatchObject({ status: 0, out: '1.2.3\n' });
    expect(await gateway(['-V'])).toMatchObject({ status: 0, out: '1.2.3\n' });
  });

  it('an unknown command is refused', async () => {
    expect(await gateway(['serv'])).toMatchObject({ status: 2, err: 'serv: unknown command; did you mean serve?\n' });
  });
});
