// What the log says of the certificates in use, at start and after each reload: an operator sees that a new one was taken.

import type { Log } from '../log/log.ts';
import type { ServerCertificate } from './material.ts';

export function logCertificates(log: Log, certificates: readonly ServerCertificate[]): void {
  for (const { file, names, validToMs } of certificates) {
    log.info('certificate', { file, names: names.join(' '), validTo: new Date(validToMs).toISOString() });
  }
}
