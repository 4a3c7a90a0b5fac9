// What can go wrong, and whose fault it is: a `ProtocolFailure` is the peer's and a value, a `UsageError` is the caller's and thrown.
// Failures carry nothing of one connection, so each is made once, here, and a flood of bad frames costs no memory.

export type FailureCode =
  | 'reservedBits'
  | 'reservedOpcode'
  | 'frameNotMasked'
  | 'frameMasked'
  | 'controlFragmented'
  | 'controlTooLong'
  | 'continuationUnexpected'
  | 'continuationExpected'
  | 'lengthNotMinimal'
  | 'lengthOutOfRange'
  | 'messageTooBig'
  | 'tooManyFragments'
  | 'invalidUtf8'
  | 'closePayloadTooShort'
  | 'closeCodeInvalid'
  | 'closeReasonInvalid'
  | 'deflateCorrupt';

/** A breach of the protocol by the peer, with what the peer is told about it. */
export interface ProtocolFailure {
  readonly fault: 'peer';
  /** Stable name, fit for a metric label. */
  readonly code: FailureCode;
  /** The status code of the close frame the peer is due (RFC 6455, section 7.4.1). */
  readonly closeCode: 1002 | 1007 | 1009;
  /** The reason in that close frame. */
  readonly reason: string;
  /** Where the broken rule stands. */
  readonly section: string;
}

function failure(code: FailureCode, closeCode: 1002 | 1007 | 1009, reason: string, section: string): ProtocolFailure {
  return Object.freeze({ fault: 'peer' as const, code, closeCode, reason, section });
}

/** Every failure the engine knows, by code. */
export const failures: Readonly<Record<FailureCode, ProtocolFailure>> = Object.freeze({
  reservedBits: failure('reservedBits', 1002, 'reserved bit set', 'RFC 6455, section 5.2'),
  reservedOpcode: failure('reservedOpcode', 1002, 'reserved opcode', 'RFC 6455, section 5.2'),
  frameNotMasked: failure('frameNotMasked', 1002, 'frame from client not masked', 'RFC 6455, section 5.1'),
  frameMasked: failure('frameMasked', 1002, 'frame from server masked', 'RFC 6455, section 5.1'),
  controlFragmented: failure('controlFragmented', 1002, 'control frame fragmented', 'RFC 6455, section 5.5'),
  controlTooLong: failure('controlTooLong', 1002, 'control frame over 125 bytes', 'RFC 6455, section 5.5'),
  continuationUnexpected: failure('continuationUnexpected', 1002, 'continuation without a message', 'RFC 6455, section 5.4'),
  continuationExpected: failure('continuationExpected', 1002, 'new message inside a fragmented one', 'RFC 6455, section 5.4'),
  lengthNotMinimal: failure('lengthNotMinimal', 1002, 'length not in its shortest form', 'RFC 6455, section 5.2'),
  lengthOutOfRange: failure('lengthOutOfRange', 1002, 'most significant bit of the length set', 'RFC 6455, section 5.2'),
  messageTooBig: failure('messageTooBig', 1009, 'message too big', 'RFC 6455, section 10.4'),
  tooManyFragments: failure('tooManyFragments', 1009, 'message in more fragments than maxFragments', 'RFC 6455, section 10.4'),
  invalidUtf8: failure('invalidUtf8', 1007, 'text not UTF-8', 'RFC 6455, section 8.1'),
  closePayloadTooShort: failure('closePayloadTooShort', 1002, 'close payload of one byte', 'RFC 6455, section 5.5.1'),
  closeCodeInvalid: failure('closeCodeInvalid', 1002, 'close code invalid', 'RFC 6455, section 7.4'),
  closeReasonInvalid: failure('closeReasonInvalid', 1007, 'close reason not UTF-8', 'RFC 6455, section 5.5.1'),
  deflateCorrupt: failure('deflateCorrupt', 1007, 'compressed data corrupt', 'RFC 7692, section 7.2.2'),
});

export type UsageErrorCode =
  | 'closed'
  | 'unreadBytes'
  | 'messageInProgress'
  | 'noMessageInProgress'
  | 'controlTooLong'
  | 'closeCodeInvalid'
  | 'closeReasonTooLong'
  | 'optionInvalid';

/** The caller's own mistake: a call that the state of the engine, or its argument, does not allow. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly fault = 'caller';
  readonly code: UsageErrorCode;

  constructor(code: UsageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
