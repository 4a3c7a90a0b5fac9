// Reads messages, blind to what they are for: a head, the pieces of a body, its end with trailers.
//
//     beginHead ──▶ next … Head ──▶ beginBody ──▶ next … Data … End ──▶ beginHead …

import { ChunkedReader, ChunkStop } from './chunked.ts';
import type { FailureCode } from './failure.ts';
import { Fields } from './fields.ts';
import { BodyKind, type BodyKindCode, type RequestHead, type ResponseHead } from './head.ts';
import type { Input } from './input.ts';
import type { Http1Limits } from './limits.ts';
import { Scanner } from './scan.ts';
import { hasForbiddenTrailer } from './trailers.ts';

/** What `next` came to. */
export const Read = { NeedData: 0, Head: 1, Data: 2, End: 3, Failed: 4 } as const;
export type ReadCode = (typeof Read)[keyof typeof Read];

const Part = { Head: 0, Body: 1, Trailers: 2 } as const;

export class MessageReader {
  failure: FailureCode | null = null;
  /** With Data: `bytes[dataStart, dataEnd)` of the input. */
  dataStart = 0;
  dataEnd = 0;
  trailers: Fields | null = null;
  private readonly limits: Http1Limits;
  private readonly input: Input;
  private readonly scanner: Scanner;
  private part: number = Part.Head;
  private bodyKind: BodyKindCode = BodyKind.None;
  private remaining = 0;
  /** Both made with the first chunked body. */
  private chunked: ChunkedReader | null = null;
  private trailerFields: Fields | null = null;

  constructor(limits: Http1Limits, input: Input, head: RequestHead | ResponseHead) {
    this.limits = limits;
    this.input = input;
    this.scanner = new Scanner(limits, head);
    this.scanner.beginHead(head);
  }

  beginHead(head: RequestHead | ResponseHead): void {
    this.part = Part.Head;
    this.trailers = null;
    this.scanner.beginHead(head);
  }

  /** `length` in bytes; counts for `BodyKind.Length` only. */
  beginBody(kind: BodyKindCode, length: number): void {
    this.part = Part.Body;
    this.bodyKind = kind;
    this.remaining = kind === BodyKind.UntilClose ? this.limits.maxBodyBytes : kind === BodyKind.Length ? length : 0;
    if (kind === BodyKind.Chunked) (this.chunked ??= new ChunkedReader(this.limits)).begin();
  }

  /** Between messages, with nothing of the next one here yet. */
  get isIdle(): boolean {
    return this.part === Part.Head && this.scanner.isIdle;
  }

  /** Bytes copied for the head and the trailers of the message in progress. */
  get heldBytes(): number {
    return this.scanner.isIdle ? 0 : this.scanner.fields.bytes;
  }

  next(): ReadCode {
    if (this.part === Part.Body) return this.readBody();
    return this.readSection();
  }

  private fail(code: FailureCode): ReadCode {
    this.failure = code;
    return Read.Failed;
  }

  private readSection(): ReadCode {
    const { input, scanner } = this;
    input.pos = scanner.read(input.bytes, input.pos, input.end);
    if (scanner.failure !== null) return this.fail(scanner.failure);
    if (!scanner.isDone) return input.ended ? this.fail(this.part === Part.Head ? 'truncatedHead' : 'truncatedBody') : Read.NeedData;
    if (this.part === Part.Head) return Read.Head;
    const fields = scanner.fields;
    if (hasForbiddenTrailer(fields)) return this.fail('forbiddenTrailer');
    if (fields.count > 0) this.trailers = fields;
    return Read.End;
  }

  private readBody(): ReadCode {
    switch (this.bodyKind) {
      case BodyKind.None:
        return Read.End;
      case BodyKind.Length:
        if (this.remaining === 0) return Read.End;
        this.remaining -= this.takeData(this.remaining);
        return this.answerData('truncatedBody');
      case BodyKind.Chunked:
        return this.readChunked(this.chunked as ChunkedReader);
      default:
        if (this.remaining === 0 && this.input.pos < this.input.end) return this.fail('bodyTooLarge');
        this.remaining -= this.takeData(this.remaining);
        return this.answerData(null);
    }
  }

  private readChunked(chunked: ChunkedReader): ReadCode {
    const { input } = this;
    const stop = chunked.read(input.bytes, input.pos, input.end);
    input.pos = chunked.pos;
    switch (stop) {
      case ChunkStop.Data:
        chunked.take(this.takeData(chunked.remaining));
        return Read.Data;
      case ChunkStop.Trailers:
        this.part = Part.Trailers;
        this.scanner.beginTrailers((this.trailerFields ??= new Fields()));
        return this.readSection();
      case ChunkStop.Failed:
        return this.fail(chunked.failure as FailureCode);
      default:
        return input.ended ? this.fail('truncatedBody') : Read.NeedData;
    }
  }

  /** Makes up to `most` of the unread bytes the current data, and answers how many. */
  private takeData(most: number): number {
    const { input } = this;
    this.dataStart = input.pos;
    this.dataEnd = input.end - input.pos > most ? input.pos + most : input.end;
    input.pos = this.dataEnd;
    return this.dataEnd - this.dataStart;
  }

  private answerData(atEnd: FailureCode | null): ReadCode {
    if (this.dataEnd > this.dataStart) return Read.Data;
    if (!this.input.ended) return Read.NeedData;
    return atEnd === null ? Read.End : this.fail(atEnd);
  }
}
