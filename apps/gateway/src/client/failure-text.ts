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

export function failureText(failure: ConnectFailure): string {
  const { cause, refusal, address } = failure;
  if (cause instanceof TransportError && untrustedCodes.has(cause.code)) {
    return `${address.host} port ${address.port}: the server's certificate is not trusted (${cause.code}): give the certificate of its CA with --ca FILE`;
  }
  if (refusal?.status === 401) return `${failure.message} Give a token with --token TOKEN or SLUICE_TOKEN in the environment.`;
  return failure.message;
}
