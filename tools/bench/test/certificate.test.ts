import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../src/certificate.ts';
import { scratchDirectory } from '../src/scratch.ts';

it('makes a certificate for the loopback address, and its key', () => {
  const { path, remove } = scratchDirectory('certificate-test');
  onTestFinished(remove);
  const files = makeCertificate(path);
  const certificate = new X509Certificate(readFileSync(files.certificate));
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(files.key)))).toBe(true);
});

it('says why when it cannot', () => {
  expect(() => makeCertificate('/nowhere/at/all')).toThrow(/openssl made no certificate: .*nowhere/s);
});
