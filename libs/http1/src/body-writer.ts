// The body on its way out: chunked, counted against its Content-Length, or until the connection closes.
//
// A chunk's size line and a small payload are written in place; buckets go by reference, between their size line and CRLF.

import type { Brigade, Bucket } from '@sluice/brigade';
import { UsageError } from './failure.ts';
import { BodyKind, type BodyKindCode } from './head.ts';
import { type FieldList, OutgoingFacts, noFields, writeFields } from './outgoing-fields.ts';
import { isForbiddenTrailer } from './trailers.ts';

/** Up to this many bytes a chunk is one contiguous piece. */
const smallChunkBytes = 4096;

const CR = 13;
const LF = 10;

export class BodyWriter {
  readonly output: Brigade;
  private kind: BodyKindCode = BodyKind.None;
  private remaining = 0;

  constructor(output: Brigade) {
    this.output = output;
  }

  /** `length` in bytes, for `BodyKind.Length`. With `BodyKind.None` whatever is sent is dropped. */
  begin(kind: BodyKindCode, length: number): void {
    this.kind = kind;
    this.remaining = length;
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (!(start >= 0 && length >= 0 && end <= bytes.length)) throw new UsageError(`no bytes [${start}, ${end})`);
    if (length === 0 || this.kind === BodyKind.None) return;
    this.count(length);
    const { output } = this;
    if (this.kind !== BodyKind.Chunked) {
      output.write(bytes, start, end);
    } else if (length <= smallChunkBytes) {
      const digits = hexDigits(length);
      const at = writeSize(output, length, digits, digits + 4 + length);
      const into = output.reserved;
      if (length <= 64) for (let i = 0; i < length; i++) into[at + i] = bytes[start + i];
      else into.set(bytes.subarray(start, end), at);
      into[at + length] = CR;
      into[at + length + 1] = LF;
    } else {
      this.openChunk(length);
      output.write(bytes, start, end);
      this.closeChunk();
    }
  }

  bucket(bucket: Bucket): void {
    const { length } = bucket;
    if (length < 0) throw new UsageError('a bucket of unknown length has to be read first');
    if (bucket.type.isMark) {
      this.output.append(bucket);
    } else if (this.kind === BodyKind.None || length === 0) {
      bucket.destroy();
    } else {
      this.count(length);
      if (this.kind === BodyKind.Chunked) this.openChunk(length);
      this.output.append(bucket);
      if (this.kind === BodyKind.Chunked) this.closeChunk();
    }
  }

  /** Moves all buckets; the payload of the whole brigade is one chunk. Marks keep their places. */
  brigade(brigade: Brigade): void {
    const { length } = brigade;
    if (length < 0) throw new UsageError('a brigade of unknown length has to be read first');
    if (this.kind === BodyKind.None || length === 0) {
      for (let bucket = brigade.shift(); bucket !== null; bucket = brigade.shift()) {
        if (bucket.type.isMark) this.output.append(bucket);
        else bucket.destroy();
      }
      return;
    }
    this.count(length);
    if (this.kind === BodyKind.Chunked) this.openChunk(length);
    this.output.concat(brigade);
    if (this.kind === BodyKind.Chunked) this.closeChunk();
  }

  /** Ends the body. Trailers go out with the chunked coding only; otherwise they are checked and dropped (RFC 9110 6.5). */
  end(trailers: FieldList): void {
    if (this.kind === BodyKind.Length && this.remaining > 0) {
      throw new UsageError(`the body ends ${this.remaining} bytes short of its Content-Length`);
    }
    const trailerBytes = trailers === noFields ? 0 : measureTrailers(trailers);
    if (this.kind !== BodyKind.Chunked) return;
    const { output } = this;
    let at = output.reserve(5 + trailerBytes);
    const into = output.reserved;
    into[at] = 48;
    into[at + 1] = CR;
    into[at + 2] = LF;
    at = writeFields(into, at + 3, trailers, false);
    into[at] = CR;
    into[at + 1] = LF;
  }

  private count(length: number): void {
    if (this.kind !== BodyKind.Length) return;
    if (length > this.remaining) {
      throw new UsageError(`the body goes ${length - this.remaining} bytes beyond its Content-Length`);
    }
    this.remaining -= length;
  }

  private openChunk(length: number): void {
    const digits = hexDigits(length);
    writeSize(this.output, length, digits, digits + 2);
  }

  private closeChunk(): void {
    const at = this.output.reserve(2);
    this.output.reserved[at] = CR;
    this.output.reserved[at + 1] = LF;
  }
}

function measureTrailers(trailers: FieldList): number {
  const facts = new OutgoingFacts();
  facts.collect(trailers);
  for (let i = 0; i < trailers.length; i += 2) {
    if (isForbiddenTrailer(trailers[i].toLowerCase())) throw new UsageError(`${trailers[i]} may not be a trailer`);
  }
  return facts.bytes;
}

function hexDigits(length: number): number {
  let digits = 1;
  while ((length = Math.floor(length / 16)) > 0) digits++;
  return digits;
}

/** Reserves `reserved` bytes, writes the size and CRLF into the first of them, and answers the offset after these. */
function writeSize(output: Brigade, length: number, digits: number, reserved: number): number {
  const at = output.reserve(reserved);
  const into = output.reserved;
  for (let i = digits - 1, rest = length; i >= 0; i--, rest = Math.floor(rest / 16)) {
    const digit = rest % 16;
    into[at + i] = digit < 10 ? 48 + digit : 87 + digit;
  }
  into[at + digits] = CR;
  into[at + digits + 1] = LF;
  return at + digits + 2;
}
