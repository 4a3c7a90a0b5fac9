// OpenSSL's queue of errors, and its verdicts on certificates, by the names that node:tls gives them.

import type { OpenSsl } from './openssl.ts';

/** Why OpenSSL could not go on. */
export interface SslFailure {
  /** As node:tls makes it from the reason: `ERR_SSL_HTTP_REQUEST`. */
  readonly code: string;
  readonly message: string;
}

const messageBytes = 256;

/** The oldest error in the queue, which is empty afterwards. */
export function takeFailure({ ssl, narrow, arena }: OpenSsl): SslFailure {
  const error = ssl.ERR_peek_error();
  narrow.ERR_clear_error(0);
  if (error === 0n) return { code: 'UNKNOWN', message: 'no reason given' };
  const reason = arena.text(ssl.ERR_reason_error_string(error));
  ssl.ERR_error_string_n(error, arena.scratch.address, BigInt(messageBytes));
  const code = reason === '' ? 'UNKNOWN' : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
  return { code, message: arena.text(arena.scratch.address) };
}

/** X509_V_ERR_… of x509_vfy.h, by number, as far as node:tls names them. */
const verdicts: readonly (string | undefined)[] = [
  'OK',
  undefined,
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'CERT_SIGNATURE_FAILURE',
  'CRL_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_HAS_EXPIRED',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CRL_LAST_UPDATE_FIELD',
  'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
  'OUT_OF_MEM',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'INVALID_CA',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_PURPOSE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
];

/** The name of what `SSL_get_verify_result` answers; `null` when the certificate is in order. */
export function refusalOf(verdict: bigint): string | null {
  return verdict === 0n ? null : (verdicts[Number(verdict)] ?? 'UNSPECIFIED');
}
