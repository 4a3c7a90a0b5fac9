// What a command says of a connection that did not come about, with the flag that would change it.

import type { ConnectFailure } from '@sluice/connection';
import { TransportError } from '@sluice/transport';

/** OpenSSL's verdicts (X509_V_ERR_…, as node:tls names them) that mean: no root that this client trusts. */
const untrustedCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The alert of a server that wants a certificate and got none (RFC 8446 section 4.4.2.4), and the words of a gateway's command listener. */
const missingCertificateCode = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
const missingCertificateText = 'No certificate was sent';

/** Whether another attempt would end in the same way: one side does not trust the other's certificate, or misses it. */
export function isFinal(failure: ConnectFailure): boolean {
  return isUntrusted(failure) || codeOf(failure) === missingCertificateCode;
}

function isUntrusted(failure: ConnectFailure): boolean {
  return untrustedCodes.has(codeOf(failure));
}

function codeOf({ cause }: ConnectFailure): string {
  return cause instanceof TransportError ? cause.code : '';
}

export function failureText(failure: ConnectFailure): string {
  const { refusal, address } = failure;
  // OpenSSL's texts end with a line break.
  const message = failure.message.trimEnd();
  if (isUntrusted(failure)) {
    return `${address.host} port ${address.port}: the server's certificate is not trusted (${codeOf(failure)}): give the certificate of its CA with --ca FILE`;
  }
  if (refusal?.status === 401) return `${message} Give a token with --token TOKEN or SLUICE_TOKEN in the environment.`;
  if (codeOf(failure) === missingCertificateCode) {
    return `${address.host} port ${address.port}: the server asks for a certificate of this client: give it with --cert FILE and its key with --key FILE`;
  }
  if (refusal?.text.includes(missingCertificateText) === true) return `${message} Give this client's certificate with --cert FILE and its key with --key FILE.`;
  return message;
}
