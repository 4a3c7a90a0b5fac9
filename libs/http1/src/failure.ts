// Everything a peer can do wrong, in one table: the stable code, the status the peer is due, and where it is written.
// And the caller's own mistakes, which are exceptions.

interface FailureRow {
  /** Status of the reply a failed request is due. A failed response is due none: a gateway answers its own client 502. */
  readonly status: number;
  readonly section: string;
  readonly text: string;
}

const row = (status: number, section: string, text: string): FailureRow => ({ status, section, text });

/** Codes are stable: they are metric labels and log fields. */
export const failures = {
  // Lines
  bareCr: row(400, 'RFC 9112 2.2', 'A CR is not followed by LF.'),
  bareLf: row(400, 'RFC 9112 2.2', 'A line ends with LF alone.'),
  tooManyBlankLines: row(400, 'RFC 9112 2.2', 'Too many empty lines stand before the message.'),
  whitespaceBeforeFields: row(400, 'RFC 9112 2.2', 'There is whitespace between the start line and the first field.'),
  // Request line
  invalidMethod: row(400, 'RFC 9110 9.1', 'The method is not a token.'),
  methodTooLong: row(501, 'RFC 9112 3', 'The method is longer than any known.'),
  requestLineWhitespace: row(400, 'RFC 9112 3', 'The request line has whitespace other than two single spaces.'),
  invalidRequestLine: row(400, 'RFC 9112 3', 'The request line lacks its target or its version.'),
  invalidTarget: row(400, 'RFC 9112 3.2', 'The request target is not valid for the method, or has forbidden bytes.'),
  targetTooLong: row(414, 'RFC 9110 15.5.15', 'The request target is too long.'),
  invalidVersion: row(400, 'RFC 9112 2.3', 'The version is not of the form HTTP/1.1.'),
  unsupportedVersion: row(505, 'RFC 9110 15.6.6', 'The major version is not 1.'),
  // Status line
  invalidStatusLine: row(502, 'RFC 9112 4', 'The status line is malformed.'),
  unsolicitedResponse: row(502, 'RFC 9112 9.2', 'A response came without a request.'),
  unexpectedUpgrade: row(502, 'RFC 9110 7.8', '101 came, but no upgrade was asked for.'),
  // Fields
  invalidFieldName: row(400, 'RFC 9112 5', 'A field name is empty or not a token.'),
  spaceBeforeColon: row(400, 'RFC 9112 5.1', 'There is whitespace between a field name and its colon.'),
  obsoleteFold: row(400, 'RFC 9112 5.2', 'A field value is folded over several lines.'),
  invalidFieldValue: row(400, 'RFC 9110 5.5', 'A field value has a control byte.'),
  fieldLineTooLong: row(431, 'RFC 6585 5', 'A field line is too long.'),
  tooManyFields: row(431, 'RFC 6585 5', 'There are too many field lines.'),
  headTooLarge: row(431, 'RFC 6585 5', 'The head is too large.'),
  // Host
  missingHost: row(400, 'RFC 9112 3.2', 'An HTTP/1.1 request has no Host.'),
  repeatedHost: row(400, 'RFC 9112 3.2', 'Host is given more than once.'),
  invalidHost: row(400, 'RFC 9112 3.2', 'Host is not a host with an optional port.'),
  // Framing
  lengthAndCoding: row(400, 'RFC 9112 6.3', 'Both Content-Length and Transfer-Encoding are given.'),
  invalidContentLength: row(400, 'RFC 9110 8.6', 'Content-Length is not a decimal number.'),
  repeatedContentLength: row(400, 'RFC 9110 8.6', 'Content-Length is given more than once, as lines or as a list.'),
  contentLengthOverflow: row(413, 'RFC 9110 8.6', 'Content-Length is beyond 2^53 - 1.'),
  invalidTransferCoding: row(400, 'RFC 9112 6.1', 'Transfer-Encoding is not a list of codings.'),
  unknownTransferCoding: row(501, 'RFC 9112 6.1', 'A transfer coding other than chunked is used.'),
  chunkedNotLast: row(400, 'RFC 9112 6.3', 'The chunked coding is not the last one.'),
  chunkedRepeated: row(400, 'RFC 9112 6.1', 'The chunked coding is applied more than once.'),
  codingOnHttp10: row(400, 'RFC 9112 6.1', 'Transfer-Encoding is used in an HTTP/1.0 message.'),
  bodyTooLarge: row(413, 'RFC 9110 15.5.14', 'The body is larger than this server takes.'),
  // Chunks
  invalidChunkSize: row(400, 'RFC 9112 7.1', 'A chunk size is not a hexadecimal number.'),
  chunkSizeOverflow: row(413, 'RFC 9112 7.1', 'A chunk size is beyond 2^53 - 1 or has over 16 digits.'),
  invalidChunkExtension: row(400, 'RFC 9112 7.1.1', 'A chunk extension is malformed.'),
  chunkExtensionsTooLarge: row(413, 'RFC 9112 7.1.1', 'The chunk extensions are too large.'),
  invalidChunkEnd: row(400, 'RFC 9112 7.1', 'A chunk is not as long as its size says.'),
  tooManyTrailers: row(431, 'RFC 6585 5', 'There are too many trailer fields.'),
  trailersTooLarge: row(431, 'RFC 6585 5', 'The trailer section is too large.'),
  forbiddenTrailer: row(400, 'RFC 9110 6.5.1', 'A field that frames, routes or authenticates is in the trailer section.'),
  // Exchange
  unknownExpectation: row(417, 'RFC 9110 10.1.1', 'Expect has a member other than 100-continue.'),
  truncatedHead: row(400, 'RFC 9112 8', 'The peer ended within a head.'),
  truncatedBody: row(400, 'RFC 9112 8', 'The peer ended within a body.'),
  missingResponse: row(502, 'RFC 9112 8', 'The peer ended before a response.'),
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof failures;

/** What went wrong, by the peer's fault. A value, never thrown. */
export class ProtocolFailure {
  readonly fault = 'peer';
  readonly code: FailureCode;
  /** Server: the status the peer is due. Client: 502, what a gateway answers in its place. */
  readonly status: number;
  /** Where the rule stands. */
  readonly section: string;
  /** One sentence in English, fit for the peer to read. */
  readonly message: string;

  constructor(code: FailureCode, role: 'server' | 'client') {
    const { status, section, text } = failures[code];
    this.code = code;
    this.status = role === 'server' ? status : 502;
    this.section = section;
    this.message = text;
  }
}

/** The caller's own mistake: a call the state does not allow, or text that cannot go into a head. Nothing was written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly fault = 'caller';
}
