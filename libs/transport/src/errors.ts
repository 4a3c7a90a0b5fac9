// What can go wrong below a protocol, named by operation and kind rather than by one platform's codes.

/** The operation that failed. */
export type TransportOperation = 'listen' | 'accept' | 'connect' | 'read' | 'write' | 'shutdown' | 'adopt' | 'resolve' | 'handshake';

/**
 * Platform-independent kind of a failure. `other` keeps the platform's own code in `code`. Of a secure layer only: `truncated`
 * (FIN came without the peer's goodbye), `protocolError` (what the peer sent, or wants, is not acceptable, or ours was not) and
 * `untrusted` (its certificate is not).
 */
export type TransportErrorKind =
  | 'addressInUse'
  | 'addressNotAvailable'
  | 'permissionDenied'
  | 'connectionRefused'
  | 'connectionReset'
  | 'brokenPipe'
  | 'timedOut'
  | 'unreachable'
  | 'notFound'
  | 'tooManyDescriptors'
  | 'sourceFailed'
  | 'truncated'
  | 'protocolError'
  | 'untrusted'
  | 'closed'
  | 'other';

const kindByCode: Readonly<Record<string, TransportErrorKind>> = {
  EADDRINUSE: 'addressInUse',
  EADDRNOTAVAIL: 'addressNotAvailable',
  EACCES: 'permissionDenied',
  EPERM: 'permissionDenied',
  ECONNREFUSED: 'connectionRefused',
  ECONNRESET: 'connectionReset',
  ECONNABORTED: 'connectionReset',
  EPIPE: 'brokenPipe',
  ETIMEDOUT: 'timedOut',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'notFound',
  EMFILE: 'tooManyDescriptors',
  ENFILE: 'tooManyDescriptors',
};

/** A failure of a transport operation: which one, of which kind, and the platform's own code where there is one. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly operation: TransportOperation;
  readonly kind: TransportErrorKind;
  /** The platform's code (`ECONNRESET`), or the kind where the platform has none. */
  readonly code: string;
  /** What the platform says; empty where it says nothing. */
  readonly detail: string;

  constructor(operation: TransportOperation, kind: TransportErrorKind, code: string = kind, detail = '') {
    super(`${operation} failed: ${kind}${code === kind ? '' : ` (${code})`}${detail === '' ? '' : `: ${detail}`}`);
    this.operation = operation;
    this.kind = kind;
    this.code = code;
    this.detail = detail;
  }

  /** Makes one from an error that carries a POSIX `code`. */
  static fromCode(operation: TransportOperation, code: string | undefined, detail = ''): TransportError {
    const known = code !== undefined && Object.hasOwn(kindByCode, code) ? kindByCode[code] : 'other';
    return new TransportError(operation, known, code ?? 'UNKNOWN', detail);
  }
}
