import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CertificateFiles } from '../../src/cli/cert-files.ts';
import { settingsPath, settingsProblem, writeSettings } from '../../src/cli/cert-settings.ts';

let files: CertificateFiles;
beforeEach(() => {
  files = new CertificateFiles(mkdtempSync(join(tmpdir(), 'sluice-cert-settings-')));
});
afterEach(() => rmSync(files.directory, { recursive: true, force: true }));

const written = (): Record<string, unknown> => JSON.parse(readFileSync(settingsPath(files), 'utf8')) as Record<string, unknown>;

it('names files beside itself, so that the directory can be moved', () => {
  expect(writeSettings(files, 'ada', 'AB')).toBe(true);
  const { cert, key, ca } = written()['tls'] as { cert: string; key: string; ca: string[] };
  expect([cert, key, ...ca]).toEqual(['server.pem', 'server.key', 'ca.pem']);
});

it('adds a client, renews one, and keeps the rest', () => {
  writeSettings(files, 'ada', 'AB');
  writeFileSync(settingsPath(files), JSON.stringify({ ...written(), demo: true }));
  writeSettings(files, 'bob', 'CD');
  writeSettings(files, 'ada', 'EF');
  const thumbprints = [{ thumbprint: 'CD', name: 'bob' }, { thumbprint: 'EF', name: 'ada' }];
  expect(written()).toMatchObject({ demo: true, command: ['127.0.0.1:7000'], commandPeers: { thumbprints } });
  expect(writeSettings(files, 'ada', 'EF')).toBe(false);
});

it.each([['{'], ['null'], ['{"commandPeers": {"thumbprints": 7}}']])('refuses what it cannot add to: %s', (text) => {
  expect(settingsProblem(files)).toBe(null);
  writeFileSync(settingsPath(files), text);
  expect(settingsProblem(files)).toMatch(/not a configuration/);
});
