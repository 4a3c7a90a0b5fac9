// What node:tls and OpenSSL report, as the contract names it.

import { TransportError, type TransportOperation } from '@sluice/transport';
import type { SslFailure } from './native/failures.ts';

/** node:tls's word for a connection that ended before it was secure. */
const endedEarly = 'ECONNRESET';
const refusedCertificate = 'ERR_SSL_CERTIFICATE_VERIFY_FAILED';

/** A handshake failed. `refusal` is why TLS did not accept the peer's certificate, if that was it. */
export function handshakeFailure(error: unknown, refusal: string | null): TransportError {
  const { code, message } = described(error);
  if (refusal !== null) return new TransportError('handshake', 'untrusted', refusal, message);
  if (code === endedEarly) return new TransportError('handshake', 'truncated');
  return new TransportError('handshake', 'protocolError', code, message);
}

/** A secure connection broke. */
export function recordFailure(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const { code, message } = described(error);
  return new TransportError('read', 'protocolError', code, message);
}

/** OpenSSL could not go on. `refusal` is why it did not accept the peer's certificate, if that was it. */
export function sslFailure(operation: TransportOperation, failure: SslFailure | null, refusal: string | null): TransportError {
  const { code, message } = failure ?? { code: 'UNKNOWN', message: '' };
  if (refusal !== null && code === refusedCertificate) return new TransportError(operation, 'untrusted', refusal, message);
  return new TransportError(operation, 'protocolError', code, message);
}

export function sourceFailure(cause: unknown): TransportError {
  return new TransportError('write', 'sourceFailed', 'sourceFailed', cause instanceof Error ? cause.message : String(cause));
}

function described(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  return { code: code ?? 'UNKNOWN', message: error.message };
}
