// How much a peer may send. Each limit bounds memory or work; crossing one is a named failure.

export interface Http1Limits {
  /** Bytes of a method. Longer: `methodTooLong`, 501. Default 32. */
  readonly maxMethodBytes: number;
  /** Bytes of a request target. Longer: `targetTooLong`, 414. Default 8192: RFC 9112 section 3 recommends at least 8000. */
  readonly maxTargetBytes: number;
  /** Bytes of one field line or status line without its CRLF. Longer: `fieldLineTooLong`, 431. Default 8192. */
  readonly maxFieldLineBytes: number;
  /** Field lines in a head. More: `tooManyFields`, 431. Default 100. */
  readonly maxFields: number;
  /** Bytes of a whole head, start line and all line ends included. More: `headTooLarge`, 431. Default 65536. */
  readonly maxHeadBytes: number;
  /** Bytes of a body, without its framing. More: `bodyTooLarge`, 413. Default 1 MiB in the server role, none in the client role. */
  readonly maxBodyBytes: number;
  /** Bytes of chunk extensions over a whole body. More: `chunkExtensionsTooLarge`, 413. Default 4096. */
  readonly maxChunkExtensionBytes: number;
  /** Field lines in a trailer section. More: `tooManyTrailers`, 431. Default 32. */
  readonly maxTrailers: number;
  /** Bytes of a whole trailer section. More: `trailersTooLarge`, 431. Default 8192. */
  readonly maxTrailerBytes: number;
  /** Empty lines before a start line. More: `tooManyBlankLines`, 400. Default 2. */
  readonly maxLeadingBlankLines: number;
  /** Requests on one connection; the reply to the last says `Connection: close`. Default: no limit. */
  readonly maxRequests: number;
}

export const defaultLimits: Http1Limits = {
  maxMethodBytes: 32,
  maxTargetBytes: 8192,
  maxFieldLineBytes: 8192,
  maxFields: 100,
  maxHeadBytes: 65_536,
  maxBodyBytes: 1_048_576,
  maxChunkExtensionBytes: 4096,
  maxTrailers: 32,
  maxTrailerBytes: 8192,
  maxLeadingBlankLines: 2,
  maxRequests: Number.MAX_SAFE_INTEGER,
};

const defaultClientLimits: Http1Limits = { ...defaultLimits, maxBodyBytes: Number.MAX_SAFE_INTEGER };

/** The role's defaults with what the caller gave instead. Shared, not copied, when nothing was given. */
export function resolveLimits(role: 'server' | 'client', given: Partial<Http1Limits> | undefined): Http1Limits {
  const defaults = role === 'server' ? defaultLimits : defaultClientLimits;
  return given === undefined ? defaults : { ...defaults, ...given };
}
