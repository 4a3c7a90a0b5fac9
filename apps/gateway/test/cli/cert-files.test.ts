import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CertificateFiles } from '../../src/cli/cert-files.ts';

const one = { certificate: 'certificate', key: 'key' };
const another = { certificate: 'another', key: 'another key' };
let directory: string;
let files: CertificateFiles;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cert-files-'));
  files = new CertificateFiles(join(directory, 'made/here'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('makes the directory, and keeps keys for their owner', () => {
  expect(files.has('server')).toBe(false);
  files.write('server', one, false);
  expect(files.has('server')).toBe(true);
  expect(files.read('server')).toEqual(one);
  expect(statSync(files.keyPath('server')).mode & 0o777).toBe(0o600);
});

// A recursive mkdir of Node's never returns here.
it.runIf(existsSync('/proc/self'))('ends where no directory can be made', () => {
  expect(() => new CertificateFiles('/proc/certs/here').write('server', one, false)).toThrow(/^--dir: \/proc\/certs\/here cannot be made: ENOENT/);
});

it('ends where a file stands in the way', () => {
  writeFileSync(join(directory, 'made'), '');
  expect(() => files.write('server', one, false)).toThrow(/^--dir: .*made\/here cannot be made: ENOTDIR/);
});

it('names the directory that is a file', () => {
  const path = join(directory, 'file');
  writeFileSync(path, '');
  expect(() => new CertificateFiles(path).write('server', one, false)).toThrow(`--dir: ${path} is not a directory`);
});

it('overwrites nothing unless it is to', () => {
  files.write('server', one, false);
  expect(() => files.write('server', another, false)).toThrow(/EEXIST/);
  expect(files.read('server')).toEqual(one);
  files.write('server', another, true);
  expect(files.read('server')).toEqual(another);
});

it('a key that takes the place of one which everybody could read is not readable', () => {
  files.write('server', one, false);
  rmSync(files.keyPath('server'));
  writeFileSync(files.keyPath('server'), 'open', { mode: 0o644 });
  files.write('server', another, true);
  expect(statSync(files.keyPath('server')).mode & 0o777).toBe(0o600);
});

it('tells which half is missing', () => {
  expect(files.missingHalf('ca')).toBeNull();
  files.write('ca', one, false);
  expect(files.missingHalf('ca')).toBeNull();
  rmSync(files.keyPath('ca'));
  expect(files.missingHalf('ca')).toBe(files.keyPath('ca'));
  expect(files.has('ca')).toBe(false);
  files.write('ca', one, true);
  rmSync(files.certificatePath('ca'));
  expect(files.missingHalf('ca')).toBe(files.certificatePath('ca'));
  expect(readFileSync(files.keyPath('ca'), 'utf8')).toBe('key');
});
