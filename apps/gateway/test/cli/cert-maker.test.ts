// What is made, as OpenSSL and Node see it.

import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Issuer, makeAuthority, type MadeCertificate } from '../../src/cli/cert-maker.ts';

const nowMs = Date.now();
const day = 24 * 3600 * 1000;
let directory: string;
let authority: MadeCertificate;
let server: MadeCertificate;
let client: MadeCertificate;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cert-'));
  authority = await makeAuthority({ nowMs, days: 100 });
  const issuer = await Issuer.of(authority);
  server = await issuer.server(['gw.example', '*.gw.example', '10.0.0.1', '::1'], { nowMs, days: 5 });
  client = await issuer.client('alice', { nowMs, days: 500 });
  for (const [name, { certificate }] of Object.entries({ authority, server, client })) writeFileSync(join(directory, name), certificate);
});
afterAll(() => rmSync(directory, { recursive: true }));

function verify(name: string, ...options: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', join(directory, 'authority'), ...options, join(directory, name)], { encoding: 'utf8' });
  return stdout + stderr;
}

describe.skipIf(spawnSync('openssl', ['version']).error !== undefined)('openssl', () => {
  it.each([
    ['gw.example', 'OK'],
    ['a.gw.example', 'OK'],
    ['other.example', 'hostname mismatch'],
  ])("finds the server's good for %s: %s", (name, verdict) => {
    expect(verify('server', '-purpose', 'sslserver', '-verify_hostname', name)).toContain(verdict);
  });

  it.each([
    ['10.0.0.1', 'OK'],
    ['::1', 'OK'],
    ['10.0.0.2', 'IP address mismatch'],
  ])("finds the server's good for the address %s: %s", (address, verdict) => {
    expect(verify('server', '-purpose', 'sslserver', '-verify_ip', address)).toContain(verdict);
  });

  it("takes each for its own purpose only", () => {
    expect(verify('client', '-purpose', 'sslclient')).toContain('OK');
    expect(verify('client', '-purpose', 'sslserver')).toContain('unsuitable certificate purpose');
    expect(verify('server', '-purpose', 'sslclient')).toContain('unsuitable certificate purpose');
  });

  it('reads the keys', () => {
    expect(execFileSync('openssl', ['ec', '-noout', '-text'], { input: server.key, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })).toContain('prime256v1');
  });
});

it('is good from an hour ago for so many days, and never longer than its CA', () => {
  const validity = ({ certificate }: MadeCertificate) => {
    const { validFrom, validTo } = new X509Certificate(certificate);
    return [nowMs - Date.parse(validFrom), Date.parse(validTo) - nowMs].map((ms) => Math.round(ms / 3_600_000));
  };
  expect(validity(server)).toEqual([1, 5 * 24]);
  expect(validity(client)).toEqual([1, 100 * 24]);
  expect(Date.parse(new X509Certificate(client.certificate).validTo)).toBeLessThanOrEqual(nowMs + 100 * day);
});

it('gives each its own key and serial number', () => {
  const all = [authority, server, client].map(({ certificate }) => new X509Certificate(certificate));
  expect(new Set(all.map(({ serialNumber }) => serialNumber)).size).toBe(3);
  for (const [at, { key }] of [authority, server, client].entries()) expect(all.map((one) => one.checkPrivateKey(createPrivateKey(key)))).toEqual(all.map((_, other) => other === at));
});

it.each<[string, () => MadeCertificate]>([
  ['is no CA', () => server],
  ["has another's key", () => ({ ...authority, key: server.key })],
  ['is no certificate', () => ({ certificate: 'nonsense', key: authority.key })],
])('an issuer that %s is refused', async (_, it) => {
  await expect(Issuer.of(it())).rejects.toThrow(Error);
});
