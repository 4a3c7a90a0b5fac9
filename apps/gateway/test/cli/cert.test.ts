import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cert } from '../../src/cli/cert.ts';
import { loadConfig } from '../../src/config/index.ts';

let directory: string;
let env: Record<string, string>;
beforeEach(() => {
  env = {};
  directory = mkdtempSync(join(tmpdir(), 'sluice-cert-command-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  return runAt(Date.now(), ...argv);
}

async function runAt(nowMs: number, ...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const host = { argv, env, readFile: String, directoryProblem: () => null, columns: 80, version: String, print: (text: string) => void (out += text), printError: (text: string) => void (err += text) };
  const status = await cert(['--dir', directory, ...argv], host, nowMs);
  return { status, out, err };
}

const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
const contents = (): Record<string, string> => Object.fromEntries(readdirSync(directory).map((name) => [name, read(name)]));
const certificate = (name: string): X509Certificate => new X509Certificate(read(name));

describe('sluice cert', () => {
  it('makes a CA and what it issues, keys readable by nobody else', async () => {
    const { status, out, err } = await run();
    expect([status, err]).toEqual([0, '']);
    expect(readdirSync(directory).toSorted()).toEqual(['.gitignore', 'ca.key', 'ca.pem', 'client.key', 'client.pem', 'server.key', 'server.pem', 'sluice.json']);
    for (const name of ['ca', 'server', 'client']) expect(statSync(join(directory, `${name}.key`)).mode & 0o777).toBe(0o600);
    const [authority, server, client] = ['ca.pem', 'server.pem', 'client.pem'].map(certificate) as [X509Certificate, X509Certificate, X509Certificate];
    expect([server.verify(authority.publicKey), client.verify(authority.publicKey)]).toEqual([true, true]);
    expect([server.checkHost('localhost'), server.checkIP('127.0.0.1'), server.checkIP('::1')]).not.toContain(undefined);
    expect(out).toContain(`SHA-1    ${client.fingerprint.replaceAll(':', '')}\n`);
    expect(out).toContain(`SHA-256  ${client.fingerprint256.replaceAll(':', '')}\n`);
    expect(out).toMatch(/^ {2}sluice serve --demo --config \S+sluice\.json$/m);
    expect(out).toMatch(/^ {2}sluice pub news .* --cert \S+client\.pem --key \S+client\.key$/m);
  });

  it('writes a configuration file that the gateway takes', async () => {
    const { out } = await run();
    expect(out).toContain('sluice.json made: ');
    const loaded = loadConfig({ argv: ['--config', join(directory, 'sluice.json')], env: {}, readFile: (path) => readFileSync(path, 'utf8') });
    const thumbprint = certificate('client.pem').fingerprint256.replaceAll(':', '').toLowerCase();
    expect(loaded).toMatchObject({ ok: true, warnings: [], config: { commandPeers: { thumbprints: [{ name: 'client' }] } } });
    expect(JSON.stringify(loaded).toLowerCase()).toContain(thumbprint);
  });

  it('keeps a new directory out of git, and a directory in use as it was', async () => {
    await run();
    expect(read('.gitignore')).toBe('*\n');
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    writeFileSync(join(directory, 'README'), '');
    await run();
    expect(readdirSync(directory)).not.toContain('.gitignore');
  });

  it('names the command as it was started', async () => {
    expect((await run()).out).toMatch(/^ {2}sluice serve /m);
    env = { npm_command: 'exec' };
    expect((await run()).out).toMatch(/^ {2}npx sluice serve /m);
  });

  it('keeps what is there, and makes another client', async () => {
    await run();
    const before = contents();
    const { status, out } = await run('--client', 'alice');
    expect(status).toBe(0);
    expect(out).toMatch(/ca\.pem kept.*\n.*server\.pem kept.*\n.*alice\.pem made: O=Sluice, CN=alice;/);
    const { 'sluice.json': settings, ...certificates } = before;
    expect(contents()).toMatchObject(certificates);
    const { commandPeers, ...rest } = JSON.parse(read('sluice.json')) as { commandPeers: { thumbprints: { name: string }[] } };
    expect(JSON.parse(settings!)).toMatchObject(rest);
    expect(commandPeers.thumbprints.map(({ name }) => name)).toEqual(['client', 'alice']);
    expect(certificate('alice.pem').verify(certificate('ca.pem').publicKey)).toBe(true);
  });

  it('--force makes all anew but the CA', async () => {
    await run();
    const before = contents();
    expect((await run('--force', '--host', 'gw.example')).status).toBe(0);
    const after = contents();
    for (const name of Object.keys(before)) expect(after[name] === before[name], name).toBe(name.startsWith('ca.') || name === '.gitignore');
    expect((JSON.parse(after['sluice.json']!) as { commandPeers: { thumbprints: unknown[] } }).commandPeers.thumbprints).toHaveLength(1);
    expect(certificate('server.pem').subjectAltName).toBe('DNS:gw.example');
  });

  it('--host and --days', async () => {
    const nowMs = Date.UTC(2030, 0, 2);
    await runAt(nowMs, '--host', 'bücher.example', '--host', '10.1.2.3', '--days', '7');
    expect(certificate('server.pem').subjectAltName).toBe('DNS:xn--bcher-kva.example, IP Address:10.1.2.3');
    expect(Date.parse(certificate('server.pem').validTo)).toBe(nowMs + 7 * 24 * 3600 * 1000);
  });
});

describe('refused, with nothing written', () => {
  it.each<[string[], string]>([
    [['--host', 'a b'], '--host: expected a host name or an address, got "a b"'],
    [['--host', ''], '--host: expected a host name or an address, got ""'],
    [['--client', '../x'], '--client: expected letters, digits and ._- (not ca or server), got "../x"'],
    [['--client', 'ca'], '--client: expected letters, digits and ._- (not ca or server), got "ca"'],
    [['--days', '0'], '--days: expected a whole number from 1 to 3650, got "0"'],
    [['--days', '1e3'], '--days: expected a whole number from 1 to 3650, got "1e3"'],
    [['--dyas', '1'], "sluice cert: Unknown option '--dyas'"],
    [['--dir', ''], '--dir: expected a directory, got ""'],
  ])('%j', async (argv, problem) => {
    const { status, out, err } = await run(...argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err.trimEnd().split('\n')).toEqual([expect.stringContaining(problem)]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('all that is wrong at once', async () => {
    expect((await run('--host', '-', '--days', 'x')).err.trimEnd().split('\n')).toHaveLength(2);
  });

  it.each([
    ['half of a pair', () => rmSync(join(directory, 'server.key')), 'server.key: missing, and the other half is there; --force makes both anew'],
    ['half of the CA', () => rmSync(join(directory, 'ca.key')), 'ca.key: missing, and the other half is there'],
    ['settings that are none', () => writeFileSync(join(directory, 'sluice.json'), '{'), 'sluice.json: not a configuration with thumbprints of clients; remove it to begin afresh'],
    ['a CA that is none', () => writeFileSync(join(directory, 'ca.pem'), read('server.pem')), 'ca.pem: not a CA with its key beside it; remove both to begin afresh'],
  ])('%s', async (_, damage, problem) => {
    await run();
    damage();
    const before = contents();
    const { status, err } = await run('--client', 'other');
    expect(status).toBe(2);
    expect(err).toContain(problem);
    expect(contents()).toEqual(before);
  });

  it('a CA that has expired', async () => {
    await runAt(Date.UTC(2000, 0, 1));
    expect((await run('--force')).err).toContain('ca.pem: expired');
  });

  it("a server's name that the certificate there does not have", async () => {
    await run();
    const { status, err } = await run('--host', 'localhost', '--host', 'gw.example');
    expect(status).toBe(2);
    expect(err).toContain('server.pem: there already, and not made out to gw.example; --force makes it anew\n');
  });
});

it('says why when it cannot write', async () => {
  writeFileSync(join(directory, 'file'), '');
  chmodSync(join(directory, 'file'), 0o600);
  const { status, err } = await run('--dir', join(directory, 'file/inside'));
  expect(status).toBe(1);
  expect(err).toMatch(/ENOTDIR/);
});
