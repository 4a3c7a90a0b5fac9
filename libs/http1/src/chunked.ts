// The reader of the chunked coding (RFC 9112 7.1): sizes, extensions and line ends. The trailer section is the Scanner's.

import { CR, HTAB, LF, SP, fieldValue, hexValue, tokenLower } from './characters.ts';
import type { FailureCode } from './failure.ts';
import type { Http1Limits } from './limits.ts';

const State = {
  FirstDigit: 0,
  Digits: 1,
  /** Before a `;`, where whitespace may stand. */
  ExtensionGap: 2,
  NameStart: 3,
  Name: 4,
  /** After a name and whitespace: `=` or `;` follows. */
  NameGap: 5,
  ValueStart: 6,
  Value: 7,
  Quoted: 8,
  QuotedPair: 9,
  AfterValue: 10,
  SizeLf: 11,
  Data: 12,
  DataCr: 13,
  DataLf: 14,
} as const;

/** What `read` stopped at. */
export const ChunkStop = { NeedData: 0, Data: 1, Trailers: 2, Failed: 3 } as const;
export type ChunkStopCode = (typeof ChunkStop)[keyof typeof ChunkStop];

const SEMICOLON = 59;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;
const maxDigits = 16;

export class ChunkedReader {
  /** Where `read` stopped in the bytes it was given. */
  pos = 0;
  /** Bytes of the current chunk still to come. */
  remaining = 0;
  failure: FailureCode | null = null;
  private readonly limits: Http1Limits;
  private state: number = State.FirstDigit;
  private digits = 0;
  private extensionBytes = 0;
  private bodyBytes = 0;

  constructor(limits: Http1Limits) {
    this.limits = limits;
  }

  begin(): void {
    this.remaining = 0;
    this.failure = null;
    this.state = State.FirstDigit;
    this.digits = 0;
    this.extensionBytes = 0;
    this.bodyBytes = 0;
  }

  /**
   * Reads framing until there is data at `pos` (of which the caller takes up to `remaining` and says so with `take`),
   * the trailer section begins at `pos`, everything is used, or something is wrong.
   */
  read(bytes: Uint8Array, pos: number, end: number): ChunkStopCode {
    for (; pos < end; pos++) {
      const byte = bytes[pos];
      switch (this.state) {
        case State.FirstDigit:
        case State.Digits:
          this.readSize(byte);
          break;
        case State.SizeLf:
          if (byte !== LF) {
            this.failure = 'bareCr';
            break;
          }
          if (this.remaining === 0) {
            this.pos = pos + 1;
            return ChunkStop.Trailers;
          }
          this.state = State.Data;
          break;
        case State.Data:
          this.pos = pos;
          return ChunkStop.Data;
        case State.DataCr:
          if (byte === CR) this.state = State.DataLf;
          else this.failure = byte === LF ? 'bareLf' : 'invalidChunkEnd';
          break;
        case State.DataLf:
          if (byte === LF) this.state = State.FirstDigit;
          else this.failure = 'bareCr';
          break;
        default:
          this.readExtension(byte);
      }
      if (this.failure !== null) {
        this.pos = pos;
        return ChunkStop.Failed;
      }
    }
    this.pos = pos;
    return ChunkStop.NeedData;
  }

  /** The caller has taken `count` bytes of the chunk's data. */
  take(count: number): void {
    this.remaining -= count;
    if (this.remaining === 0) this.state = State.DataCr;
  }

  private readSize(byte: number): void {
    const digit = hexValue[byte];
    if (digit >= 0) {
      if (this.state === State.FirstDigit) {
        this.state = State.Digits;
        this.digits = 0;
        this.remaining = 0;
      }
      this.remaining = this.remaining * 16 + digit;
      if (++this.digits > maxDigits || this.remaining > Number.MAX_SAFE_INTEGER) this.failure = 'chunkSizeOverflow';
    } else if (this.state === State.FirstDigit) {
      this.failure = byte === LF ? 'bareLf' : 'invalidChunkSize';
    } else {
      this.endSize(byte);
    }
  }

  /** The first byte after the digits: the size is known. */
  private endSize(byte: number): void {
    this.bodyBytes += this.remaining;
    if (byte === CR) this.state = State.SizeLf;
    else if (byte === SEMICOLON || byte === SP || byte === HTAB) {
      this.state = State.ExtensionGap;
      this.readExtension(byte);
    } else {
      this.failure = byte === LF ? 'bareLf' : 'invalidChunkSize';
    }
    if (this.bodyBytes > this.limits.maxBodyBytes) this.failure ??= 'bodyTooLarge';
  }

  /** *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) CRLF (RFC 9112 7.1.1) */
  private readExtension(byte: number): void {
    if (byte === LF) {
      this.failure = 'bareLf';
    } else if (++this.extensionBytes > this.limits.maxChunkExtensionBytes) {
      this.failure = 'chunkExtensionsTooLarge';
    } else {
      const next = nextExtensionState(this.state, byte);
      if (next < 0) this.failure = 'invalidChunkExtension';
      else this.state = next;
    }
  }
}

/** The state after `byte`, or -1 where the grammar has no place for it. */
function nextExtensionState(state: number, byte: number): number {
  const isBlank = byte === SP || byte === HTAB;
  const isToken = tokenLower[byte] !== 0;
  switch (state) {
    case State.ExtensionGap:
      return isBlank ? state : byte === SEMICOLON ? State.NameStart : -1;
    case State.NameStart:
      return isBlank ? state : isToken ? State.Name : -1;
    case State.Name:
      return isToken ? state : isBlank ? State.NameGap : byte === EQUALS ? State.ValueStart : endOfExtension(byte);
    case State.NameGap:
      return isBlank ? state : byte === EQUALS ? State.ValueStart : byte === SEMICOLON ? State.NameStart : -1;
    case State.ValueStart:
      return isBlank ? state : byte === QUOTE ? State.Quoted : isToken ? State.Value : -1;
    case State.Value:
      return isToken ? state : isBlank ? State.ExtensionGap : endOfExtension(byte);
    case State.Quoted:
      if (byte === QUOTE) return State.AfterValue;
      return byte === BACKSLASH ? State.QuotedPair : fieldValue[byte] === 1 ? state : -1;
    case State.QuotedPair:
      return fieldValue[byte] === 1 ? State.Quoted : -1;
    default:
      return isBlank ? State.ExtensionGap : endOfExtension(byte);
  }
}

function endOfExtension(byte: number): number {
  return byte === SEMICOLON ? State.NameStart : byte === CR ? State.SizeLf : -1;
}
