import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatProblem, loadConfig, type GatewayConfig } from '../../src/config/index.ts';
import { readMaterial } from '../../src/tls/material.ts';
import { configOf } from '../in-memory/gateway.ts';
import { issue, type IssuedFiles } from './certificates.ts';

const nowMs = Date.now();
const day = 24 * 3600 * 1000;
let issued: IssuedFiles;

beforeAll(async () => {
  issued = await issue();
  await issued.add('server', ['gw.example', '10.0.0.1', '::1']);
  await issued.add('other', ['other.example']);
  await issued.add('old', ['old.example'], nowMs - 30 * day, 10);
  await issued.add('future', ['future.example'], nowMs + 10 * day, 30);
  await issued.add('ending', ['ending.example'], nowMs, 3);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  issued.files['locked.key'] = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string;
  issued.files['chain.pem'] = issued.files['server.pem']! + issued.files['ca.pem']!;
  issued.files['half.pem'] = `${issued.files['ca.pem']!}-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n`;
  issued.files['text.pem'] = 'nothing of the kind';
});

function readFile(path: string): string {
  const content = issued.files[path];
  if (content === undefined) throw new Error(`ENOENT: no such file ${path}`);
  return content;
}

/** The settings have to be ones that no rule refuses before files are read: those are looked at as they are. */
function read(tls: Record<string, unknown>) {
  const config = { ...configOf(), tls: { ...configOf().tls, ...tls } } as GatewayConfig;
  const { material, problems, warnings } = readMaterial(config, (path) => path, readFile, nowMs);
  return { material, problems: problems.map(formatProblem), warnings: warnings.map(formatProblem) };
}

const server = { cert: 'server.pem', key: 'server.key' };

describe('what can be used', () => {
  it('is read whole, the default first', () => {
    const { material, problems, warnings } = read({ ...server, certificates: [{ cert: 'other.pem', key: 'other.key' }], ca: ['ca.pem'], ciphers: 'ECDHE+AESGCM' });
    expect([problems, warnings]).toEqual([[], []]);
    expect(material!.certificates.map(({ file, names }) => [file, names])).toEqual([
      ['server.pem', ['gw.example', '10.0.0.1', '0:0:0:0:0:0:0:1']],
      ['other.pem', ['other.example']],
    ]);
    expect(material!.certificates[0]).toMatchObject({ certificate: issued.files['server.pem'], key: issued.files['server.key'] });
    expect(material!.ca).toEqual([issued.files['ca.pem']]);
  });

  it('a chain behind the certificate', () => {
    expect(read({ cert: 'chain.pem', key: 'server.key' }).problems).toEqual([]);
  });

  it('a certificate without names goes by its common name', () => {
    expect(read({ cert: 'ca.pem', key: 'ca.key' }).material!.certificates[0]!.names).toEqual(['Sluice development CA']);
  });

  it('nothing, where there is no certificate', () => {
    expect(read({})).toEqual({ material: null, problems: [], warnings: [] });
  });
});

describe('what cannot', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{ cert: 'gone.pem', key: 'server.key' }, ['tls.cert: gone.pem cannot be read: ENOENT: no such file gone.pem']],
    [{ cert: 'server.pem', key: 'gone.key' }, ['tls.key: gone.key cannot be read: ENOENT: no such file gone.key']],
    [{ cert: 'text.pem', key: 'server.key' }, ['tls.cert: text.pem holds no certificate in PEM']],
    [{ cert: 'server.key', key: 'server.key' }, ['tls.cert: server.key holds no certificate in PEM']],
    [{ cert: 'server.pem', key: 'server.pem' }, ['tls.key: server.pem holds no private key in PEM that needs no passphrase']],
    [{ cert: 'server.pem', key: 'locked.key' }, ['tls.key: locked.key holds no private key in PEM that needs no passphrase']],
    [{ cert: 'server.pem', key: 'other.key' }, ['tls.key: other.key is not the key of server.pem']],
    [{ ...server, certificates: [{ cert: 'other.pem', key: 'server.key' }] }, ['tls.certificates[0].key: server.key is not the key of other.pem']],
    [{ ...server, ca: ['text.pem'] }, ['tls.ca: text.pem holds no certificate in PEM']],
    [{ ...server, ca: ['ca.pem', 'half.pem'] }, ['tls.ca: half.pem holds no certificate in PEM']],
    [{ ...server, ciphers: 'NOT-A-CIPHER' }, [expect.stringMatching(/^tls\.ciphers: OpenSSL refuses NOT-A-CIPHER: .*no cipher match/) as string]],
  ])('%j is named', (tls, expected) => {
    const { material, problems } = read(tls);
    expect(material).toBeNull();
    expect(problems).toEqual(expected);
  });

  it('all of it at once, with the place of each', () => {
    const { problems } = read({ cert: 'gone.pem', key: 'text.pem', certificates: [server, { cert: 'text.pem', key: 'gone.key' }], ca: ['gone.pem'] });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['tls.cert', 'tls.key', 'tls.certificates[1].cert', 'tls.certificates[1].key', 'tls.ca']);
  });

  it('never shows what a key file holds', () => {
    issued.files['mine.key'] = '-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n';
    expect(read({ cert: 'server.pem', key: 'mine.key' }).problems.join()).not.toContain('SECRET');
  });
});

describe('age is a warning, and no more', () => {
  it.each([
    ['old', /^tls\.cert: old\.pem expired on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: clients will refuse it$/],
    ['future', /^tls\.cert: future\.pem is not valid before .*: clients will refuse it$/],
    ['ending', /^tls\.cert: ending\.pem expires on /],
  ])('%s', (name, warning) => {
    const { material, problems, warnings } = read({ cert: `${name}.pem`, key: `${name}.key` });
    expect(material).not.toBeNull();
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });
});

it('a configuration names the place as its source spells it, along with every broken rule', () => {
  const result = loadConfig({
    argv: ['--tls-cert', 'gone.pem', '--tls-key', 'server.key', '--http', '0.0.0.0:80', '--config', 'c.json'],
    env: {},
    readFile: (path) => (path === 'c.json' ? '{"tls":{"certificates":[{"cert":"server.pem","key":"gone.key"}]}}' : readFile(path)),
  });
  expect(result.ok ? [] : result.problems.map(({ where }) => where)).toEqual(['--http', '--tls-cert', 'c.json: tls.certificates[0].key']);
});
