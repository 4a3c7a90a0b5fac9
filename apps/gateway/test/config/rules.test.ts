import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/index.ts';
import { exposedByReload } from '../../src/config/rules.ts';
import { loaded, problems } from './loading.ts';

const exposedHttp = (where: string, address: string) =>
  `${where}: ${address} is reached from other machines, and there is no authentication: set auth.tokens, or insecure if that is meant`;

describe('an address that other machines reach', () => {
  it.each(['0.0.0.0:8080', '[::]:8080', '192.168.1.5:80', 'example.com:80', '[::ffff:10.0.0.1]:80'])('%s needs authentication', (address) => {
    expect(problems({ argv: ['--http', address] })).toEqual([exposedHttp('--http', address)]);
  });

  it.each(['127.0.0.1:0', '127.9.9.9:0', 'localhost:0', '[::1]:0', '[0:0:0:0:0:0:0:1]:0', '[::ffff:127.0.0.1]:0'])('%s is not one', (address) => {
    expect(problems({ argv: ['--http', address] })).toEqual([]);
  });

  it('is named as its source spells it, each one', () => {
    expect(problems({ file: { http: ['0.0.0.0:1', '127.0.0.1:2', '0.0.0.0:3'] } })).toEqual([
      exposedHttp('sluice.json: http', '0.0.0.0:1'),
      exposedHttp('sluice.json: http', '0.0.0.0:3'),
    ]);
  });

  it('is fine with tokens', () => {
    expect(problems({ argv: ['--http', '0.0.0.0:80'], env: { SLUICE_AUTH_TOKENS: 'k' } })).toEqual([]);
    expect(problems({ argv: ['--http', '0.0.0.0:80'], env: { SLUICE_AUTH_READ_TOKENS: 'k' } })).toEqual([]);
  });

  it('has tokens each with one set of rights, and a problem does not show them', () => {
    expect(problems({ file: { auth: { tokens: ['a', 'b'], readTokens: ['c', 'b'] } } })).toEqual([
      'sluice.json: auth.readTokens[1]: the same token as auth.tokens[1], which may publish',
    ]);
  });

  it('is fine for the admin listener with a token of its own only', () => {
    const argv = ['--admin', '0.0.0.0:80'];
    expect(problems({ argv, env: { SLUICE_AUTH_TOKENS: 'k' } })).toHaveLength(1);
    expect(problems({ argv, env: { SLUICE_AUTH_ADMIN_TOKEN: 'k' } })).toEqual([]);
  });

  it('may be one that was inherited: nobody knows before it is looked at', () => {
    for (const address of ['fd:3', 'systemd']) {
      expect(problems({ argv: ['--http', address] })).toEqual([exposedHttp('--http', address).replace('is reached', 'may be reached')]);
      expect(problems({ argv: ['--http', address], env: { SLUICE_AUTH_TOKENS: 'k' } })).toEqual([]);
    }
  });

  it('is fine when that is said to be meant', () => {
    expect(problems({ argv: ['--http', '0.0.0.0:80', '--admin', '0.0.0.0:81', '--insecure'] })).toEqual([]);
  });
});

describe('a command address that other machines reach', () => {
  const exposed = (setting: string) => `--command: 0.0.0.0:7000 is reached from other machines, and there is no authentication: set ${setting}, or insecure if that is meant`;
  const argv = ['--command', '0.0.0.0:7000'];
  const thumbprints = [{ thumbprint: 'ab'.repeat(20), name: 'Ada' }];
  // Such files are not there, and that is not all: tests of material have more.
  const tls = { cert: '/nonexistent/cert.pem', key: '/nonexistent/key.pem' };

  it('needs certificates and thumbprints', () => {
    expect(problems({ argv })).toEqual([exposed('tls.cert, tls.key and commandPeers.thumbprints')]);
    expect(problems({ argv, file: { commandPeers: { thumbprints } } })).toEqual([exposed('tls.cert, tls.key and commandPeers.thumbprints')]);
    expect(problems({ argv, file: { tls } })).toContain(exposed('commandPeers.thumbprints'));
    expect(problems({ argv, file: { tls, commandPeers: { thumbprints } } }).filter((problem) => problem.includes('reached'))).toEqual([]);
  });

  it('needs none on this machine, or when that is said to be meant', () => {
    expect(problems({ argv: ['--command', '127.0.0.1:7000'] })).toEqual([]);
    expect(problems({ argv: [...argv, '--insecure'] })).toEqual([]);
  });

  it('thumbprints that nobody can show are a warning', () => {
    const warnings = loaded({ argv: ['--command', '127.0.0.1:7000'], file: { commandPeers: { thumbprints } } }).warnings;
    expect(warnings.map(formatProblem)).toEqual(['sluice.json: commandPeers.thumbprints: nobody is judged by these without tls.cert and tls.key']);
    expect(loaded({ file: { commandPeers: { thumbprints } } }).warnings).toEqual([]);
  });

  it('one certificate has one name, however its thumbprint is written', () => {
    const twice = [...thumbprints, { thumbprint: 'cd'.repeat(20), name: 'Eve' }, { thumbprint: `AB:${'AB'.repeat(19)}`, name: 'Ida' }];
    expect(problems({ file: { commandPeers: { thumbprints: twice } } })).toEqual([
      'sluice.json: commandPeers.thumbprints[2].thumbprint: the same certificate as in [0]',
    ]);
  });

  it('everything that is wrong is named at once', () => {
    const file = { commandPeers: { thumbprints: [{ thumbprint: 'xyz', name: '' }], maxInFlight: 0 }, command: ['nowhere'] };
    expect(problems({ file })).toHaveLength(4);
  });
});

describe('settings that contradict each other', () => {
  it.each([
    [{ admin: '127.0.0.1:8080' }, 'sluice.json: admin: 127.0.0.1:8080 is an address of http already'],
    [{ command: ['127.0.0.1:8080'] }, 'sluice.json: command: 127.0.0.1:8080 is an address of http already'],
    [{ command: ['127.0.0.1:9090'] }, 'admin: 127.0.0.1:9090 is an address of command already'],
    [{ http: ['fd:3'], admin: 'fd:3', insecure: true }, 'sluice.json: admin: fd:3 is an address of http already'],
    [{ windows: { outboundBytes: 16_384 } }, 'windows.sharedWriteBytes: expected at most windows.outboundBytes (16384), got 65536'],
    [{ history: { totalBytes: 5 } }, 'history.bytes: expected at most history.totalBytes (5), got 1048576'],
    [{ static: { cacheBytes: 100 } }, 'static.maxCachedFileBytes: expected at most static.cacheBytes (100), got 65536'],
  ])('%j is refused', (file, problem) => {
    expect(problems({ file })).toEqual([problem]);
  });

  it('two addresses with port 0 are two addresses', () => {
    expect(problems({ argv: ['--http', '127.0.0.1:0', '--admin', '127.0.0.1:0'] })).toEqual([]);
  });

  it('systemd may pass sockets for each', () => {
    expect(problems({ argv: ['--http', 'systemd', '--admin', 'systemd', '--insecure'] })).toEqual([]);
  });

  it('no address at all is a warning: it is right for a gateway inside of another program', () => {
    const warning = loaded({ argv: ['--http', '', '--admin', 'off'] }).warnings;
    expect(warning.map(formatProblem)).toEqual(['--http: there is no address at all, so nobody can connect']);
    expect(loaded({ argv: ['--http', '', '--command', '127.0.0.1:0'] }).warnings).toEqual([]);
  });

  it('pings that come too late are a warning', () => {
    const late = loaded({ argv: ['--timeouts-ping-interval-ms', '80000'] }).warnings;
    expect(late.map(formatProblem)).toEqual([
      '--timeouts-ping-interval-ms: no ping falls within timeouts.idleTimeoutMs (75000), so quiet WebSocket subscribers are closed',
    ]);
    expect(loaded({ argv: ['--timeouts-ping-interval-ms', '0', '--timeouts-idle-timeout-ms', '0'] }).warnings).toEqual([]);
  });
});

describe('a reload', () => {
  const open = { http: ['0.0.0.0:80'], admin: '0.0.0.0:90', auth: { tokens: ['s'], adminToken: 's' } };
  const at = (file: Record<string, unknown>) => loaded({ file }).config;

  it.each([
    [{ ...open, http: ['127.0.0.1:80'], auth: { adminToken: 's' } }, 'http: 0.0.0.0:80 is reached from other machines'],
    [{ ...open, admin: 'off', auth: { tokens: ['s'] } }, 'admin: 0.0.0.0:90 is reached from other machines'],
  ])('may not take away what guards an address of now, whatever addresses are to come: %j', (next, problem) => {
    const running = at(open);
    expect(exposedByReload(running, at(next), running.tls)).toContain(problem);
  });

  it('may do so where that is said to be meant, and change what guards it', () => {
    const running = at(open);
    expect(exposedByReload(running, at({ insecure: true }), running.tls)).toBeNull();
    expect(exposedByReload(at({ ...open, insecure: true }), at({}), running.tls)).toBeNull();
    expect(exposedByReload(running, at({ ...open, auth: { tokens: ['t'], adminToken: 't' } }), running.tls)).toBeNull();
  });

  it('goes by the certificates that are in force', () => {
    const tls = { ...at({}).tls, cert: 'cert.pem', key: 'key.pem', ca: ['ca.pem'], clientCertificate: 'require' as const };
    const running = { ...at({ ...open, insecure: true, admin: 'off', auth: {} }), insecure: false, tls };
    expect(exposedByReload(running, at({}), tls)).toBeNull();
    expect(exposedByReload(running, at({}), { ...tls, clientCertificate: 'request' })).toContain('http: 0.0.0.0:80 is reached');
  });
});

describe('networks that are held to no rate', () => {
  it('are addresses and blocks', () => {
    expect(problems({ file: { limits: { exemptPeers: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'] } } })).toEqual([]);
  });

  it('are named by their place where they are none', () => {
    expect(problems({ file: { limits: { exemptPeers: ['10.0.0.0/8', '10.0.0.0/33'] } } })).toEqual([
      'sluice.json: limits.exemptPeers[1]: expected an IP address or a CIDR block, like 10.0.0.0/8 or 2001:db8::/32, got "10.0.0.0/33"',
    ]);
  });
});

it('warns of a mirror that few messages fill, where there is one', () => {
  const limits = { maxMessageBytes: 2 * 1024 * 1024 };
  const { warnings } = loaded({ file: { demo: true, limits, mirror: { maxBytes: 4_194_304 } } });
  expect(warnings.map(formatProblem)).toEqual([
    'sluice.json: mirror.maxBytes: less than four times limits.maxMessageBytes (2097152): few messages fill the mirror',
  ]);
  expect(loaded({ file: { limits } }).warnings).toEqual([]);
  expect(loaded({ file: { demo: true } }).warnings).toEqual([]);
});
