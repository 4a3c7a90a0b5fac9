// What the log says of the certificates in use, at start and after each reload: an operator sees that a new one was taken. And by which form
// of TLS connections are served: one of them is much cheaper than the other, and which it is depends on the platform.

import type { TlsContexts } from '@sluice/transport-tls';
import type { Log } from '../log/log.ts';
import type { ServerCertificate } from './material.ts';

export function logCertificates(log: Log, certificates: readonly ServerCertificate[]): void {
  for (const { file, names, validToMs } of certificates) {
    log.info('certificate', { file, names: names.join(' '), validTo: new Date(validToMs).toISOString() });
  }
}

/** With the reason where the fast form was wanted and cannot be had. */
export function logTlsForm(log: Log, { form, formReason }: Pick<TlsContexts, 'form' | 'formReason'>): void {
  log.info('tls', { form, ...(formReason !== null && { reason: formReason }) });
}
