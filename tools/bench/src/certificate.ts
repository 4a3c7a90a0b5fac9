// A certificate for the servers of a row over TLS: the same for all of them, made when it is needed.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { CertificateFiles } from './servers/server.ts';

/** Makes a certificate for 127.0.0.1, signed by itself, on P-256, in the directory. Throws where there is no openssl. */
export function makeCertificate(directory: string): CertificateFiles {
  const certificate = join(directory, 'server.pem');
  const key = join(directory, 'server.key');
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const { status, stderr, error } = spawnSync('openssl', [...request, ...names, '-out', certificate, '-keyout', key], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl made no certificate: ${error?.message ?? stderr}`);
  return { certificate, key };
}
