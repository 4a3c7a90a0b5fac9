// The reader of a head or a trailer section: finds lines and fields in whatever pieces the bytes come.
//
// It is a state machine whose inner loops run over one class of bytes at a time. Nothing is copied while scanning; what
// was scanned is appended to the section's buffer in one piece when the scanner stops, and offsets are into that buffer
// from the start (`shift` is added to a position to make one). So each byte is scanned once and copied once.

import type { FailureCode } from './failure.ts';
import type { Fields } from './fields.ts';
import { FieldState, readFieldLines } from './field-lines.ts';
import { MessageHead, RequestHead, ResponseHead } from './head.ts';
import type { Http1Limits } from './limits.ts';
import { readRequestLine, RequestLineState } from './request-line.ts';
import { readStatusLine, StatusLineState } from './status-line.ts';
import { CR, LF } from './characters.ts';

export class Scanner {
  readonly limits: Http1Limits;
  fields: Fields;
  /** What is being read: the state of one of the three readers, whose numbers do not overlap. */
  state = 0;
  failure: FailureCode | null = null;
  isDone = false;
  /** Position + shift = offset in the section's buffer. */
  shift = 0;
  /** Offset at which the current line began. */
  lineStart = 0;
  /** Hash of the field name so far. */
  hash = 0;
  nameEnd = 0;
  valueStart = 0;
  /** Bytes of the version, or of the status code, already matched. */
  matched = 0;
  majorVersion = 1;
  maxFields = 0;
  maxBytes = 0;
  isTrailers = false;
  private blankLines = 0;
  private sawBlankCr = false;
  /** A byte of the section itself has come. */
  isStarted = false;

  constructor(limits: Http1Limits, fields: Fields) {
    this.limits = limits;
    this.fields = fields;
  }

  /** Starts on a message head; `head` is emptied. */
  beginHead(head: RequestHead | ResponseHead): void {
    head.reset();
    this.begin(head, this.limits.maxFields, this.limits.maxHeadBytes);
    this.isTrailers = false;
    this.state = head instanceof RequestHead ? RequestLineState.Method : StatusLineState.Version;
  }

  /** Starts on a trailer section; `fields` is emptied. */
  beginTrailers(fields: Fields): void {
    fields.reset();
    this.begin(fields, this.limits.maxTrailers, this.limits.maxTrailerBytes);
    this.isTrailers = true;
    this.isStarted = true;
    this.state = FieldState.FirstLine;
  }

  private begin(fields: Fields, maxFields: number, maxBytes: number): void {
    this.fields = fields;
    this.failure = null;
    this.isDone = false;
    this.lineStart = 0;
    this.matched = 0;
    this.majorVersion = 1;
    this.maxFields = maxFields;
    this.maxBytes = maxBytes;
    this.blankLines = 0;
    this.sawBlankCr = false;
    this.isStarted = false;
  }

  /** Reads `bytes[pos, end)` and answers where it stopped: at `end`, after the section (`isDone`), or at a failure. */
  read(bytes: Uint8Array, pos: number, end: number): number {
    if (!this.isStarted) {
      pos = this.skipBlankLines(bytes, pos, end);
      if (pos === end || this.failure !== null) return pos;
      this.isStarted = true;
    }
    const { fields } = this;
    const from = pos;
    const stop = Math.min(end, pos + this.maxBytes - fields.bytes);
    this.shift = fields.bytes - pos;
    if (this.state < StatusLineState.Version) pos = readRequestLine(this, bytes, pos, stop);
    else if (this.state < FieldState.FirstLine) pos = readStatusLine(this, bytes, pos, stop);
    if (this.state >= FieldState.FirstLine && this.failure === null) pos = readFieldLines(this, bytes, pos, stop);
    fields.append(bytes, from, pos);
    if (this.isDone) fields.complete();
    else if (this.failure === null && pos === stop && stop < end) {
      this.failure = this.isTrailers ? 'trailersTooLarge' : 'headTooLarge';
    }
    return pos;
  }

  /** Records the failure and answers the position, so that a reader can return in one expression. */
  fail(code: FailureCode, pos: number): number {
    this.failure = code;
    return pos;
  }

  get requestHead(): RequestHead {
    return this.fields as RequestHead;
  }

  get responseHead(): ResponseHead {
    return this.fields as ResponseHead;
  }

  get messageHead(): MessageHead {
    return this.fields as MessageHead;
  }

  /** Empty lines before a message are skipped, up to a limit (RFC 9112 2.2). */
  private skipBlankLines(bytes: Uint8Array, pos: number, end: number): number {
    while (pos < end) {
      const byte = bytes[pos];
      if (this.sawBlankCr) {
        if (byte !== LF) return this.fail('bareCr', pos);
        this.sawBlankCr = false;
        if (++this.blankLines > this.limits.maxLeadingBlankLines) return this.fail('tooManyBlankLines', pos);
      } else if (byte === CR) {
        this.sawBlankCr = true;
      } else if (byte === LF) {
        return this.fail('bareLf', pos);
      } else {
        return pos;
      }
      pos++;
    }
    return pos;
  }

  /** Nothing of a message has come, not even half an empty line. */
  get isIdle(): boolean {
    return !this.isStarted && !this.sawBlankCr;
  }
}
