// Everything a peer can do wrong, in one table: the stable code, the text the peer is due, and where the rule stands. And
// the caller's own mistakes, which are exceptions.

interface FailureRow {
  /** The paragraph of README.md, "The protocol", that was broken. */
  readonly section: string;
  /** What follows `ERR: `. One sentence in English. */
  readonly text: string;
}

const row = (section: string, text: string): FailureRow => ({ section, text });

/** Codes are stable: they are metric labels and log fields. */
export const failures = {
  // Lines
  bareCr: row('Lines', 'A CR is not followed by LF.'),
  bareLf: row('Lines', 'A line ends with LF alone.'),
  controlByte: row('Lines', 'A line has a control byte.'),
  invalidUtf8: row('Lines', 'A line is not UTF-8.'),
  // Requests
  missingCommand: row('Requests', 'A line has no command.'),
  // Headers
  invalidHeader: row('Headers', 'A header is not of the form Name: value.'),
  repeatedHeader: row('Headers', 'A header stands twice that may stand once.'),
  // Sequence
  missingSequence: row('Sequence', 'No Sequence was sent, but this is required, aborting.'),
  invalidSequence: row('Sequence', 'Sequence is not 1 to 64 visible characters.'),
  sequenceInUse: row('Sequence', 'A request with this Sequence waits for its reply.'),
  unknownSequence: row('Sequence', 'No request with this Sequence waits for a reply.'),
  missingReply: row('Sequence', 'The connection ended before a reply.'),
  // Size
  missingSize: row('Size', 'No Size was sent, but this is required, aborting.'),
  invalidSize: row('Size', 'Size is not a decimal number.'),
  // Publications
  missingOffset: row('Publications', 'No Offset was sent, but this is required, aborting.'),
  invalidOffset: row('Publications', 'Offset is not a decimal number below 2^53.'),
  // Replies
  missingGreeting: row('Replies', 'The connection ended before the greeting.'),
  invalidGreeting: row('Replies', 'The greeting is neither OK nor ERR.'),
  invalidReply: row('Replies', 'A line is none of OK, ERR, MSG or GAP with one topic, and BYE.'),
  // Limits
  messageTooLarge: row('Limits', 'The message is too large.'),
  truncated: row('Limits', 'The connection ended within a message.'),
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof failures;

/** What went wrong, by the peer's fault. A value, never thrown. */
export class ProtocolFailure {
  readonly fault = 'peer';
  readonly code: FailureCode;
  /** The paragraph of README.md, "The protocol", that was broken. */
  readonly section: string;
  /** What the peer is due behind `ERR: `. In the server role it is in `output` already. */
  readonly text: string;

  constructor(code: FailureCode) {
    const { section, text } = failures[code];
    this.code = code;
    this.section = section;
    this.text = text;
  }
}

/** The caller's own mistake: a call the state does not allow, or text that cannot go into a line. Nothing was written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly fault = 'caller';
}
