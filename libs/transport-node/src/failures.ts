// Platform errors, as the contract names them.

import { getSystemErrorName } from 'node:util';
import { TransportError, type TransportOperation } from '@sluice/transport';

/** From a negative errno, as handles report it. */
export function failureOfStatus(operation: TransportOperation, status: number): TransportError {
  return TransportError.fromCode(operation, getSystemErrorName(status));
}

/** From whatever Node threw or emitted. A failed name lookup is operation `resolve`, whatever was asked for. */
export function failureOf(operation: TransportOperation, error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const named = syscall === 'getaddrinfo' ? 'resolve' : operation;
  return TransportError.fromCode(named, code, message);
}

/** A file or stream did not give what its bucket promised. */
export function sourceFailure(cause: unknown): TransportError {
  return new TransportError('write', 'sourceFailed', 'sourceFailed', cause instanceof Error ? cause.message : String(cause));
}
