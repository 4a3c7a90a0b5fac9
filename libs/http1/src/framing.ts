// What a complete head says about its body, the connection and its authority: one pass over the fields, one reading each.
//
// RFC 9112 6.1 to 6.3 (framing), 9.3 (persistence), 3.2 (Host); RFC 9110 7.8 (Upgrade), 10.1.1 (Expect).

import { HTAB, SP, equalsToken, hashOf, tokenLower } from './characters.ts';
import type { FailureCode } from './failure.ts';
import { hashToken, skipBlanks, skipBlanksBack } from './fields.ts';
import { BodyKind, type MessageHead, type RequestHead, type ResponseHead } from './head.ts';
import { isAuthority } from './host.ts';

const hash = {
  connection: hashOf('connection'),
  contentLength: hashOf('content-length'),
  expect: hashOf('expect'),
  host: hashOf('host'),
  transferEncoding: hashOf('transfer-encoding'),
  upgrade: hashOf('upgrade'),
  close: hashOf('close'),
  keepAlive: hashOf('keep-alive'),
} as const;

const COMMA = 44;
const maxSafe = Number.MAX_SAFE_INTEGER;

/** What one pass over the fields of a head finds. One per engine, filled anew for each head. */
export class FieldFacts {
  failure: FailureCode | null = null;
  hosts = 0;
  /** -1: not given. */
  contentLength = -1;
  hasChunked = false;
  hasUpgrade = false;
  saysClose = false;
  saysKeepAlive = false;
  saysUpgrade = false;
  expectsContinue = false;

  collect(head: MessageHead, isRequest: boolean): void {
    this.failure = null;
    this.hosts = 0;
    this.contentLength = -1;
    this.hasChunked = false;
    this.hasUpgrade = false;
    this.saysClose = false;
    this.saysKeepAlive = false;
    this.saysUpgrade = false;
    this.expectsContinue = false;
    const count = head.count;
    for (let index = 0; index < count && this.failure === null; index++) this.collectLine(head, index, isRequest);
  }

  private collectLine(head: MessageHead, index: number, isRequest: boolean): void {
    switch (head.hashAt(index)) {
      case hash.host:
        if (isRequest && head.isNamed(index, 'host')) this.collectHost(head, index);
        break;
      case hash.contentLength:
        if (head.isNamed(index, 'content-length')) this.collectLength(head, index);
        break;
      case hash.transferEncoding:
        if (head.isNamed(index, 'transfer-encoding')) this.collectCodings(head, index);
        break;
      case hash.connection:
        if (head.isNamed(index, 'connection')) this.collectOptions(head, index);
        break;
      case hash.expect:
        if (isRequest && head.isNamed(index, 'expect')) this.collectExpectation(head, index);
        break;
      case hash.upgrade:
        if (head.isNamed(index, 'upgrade')) this.hasUpgrade = true;
        break;
      default:
    }
  }

  private collectHost(head: MessageHead, index: number): void {
    if (this.hosts++ > 0) this.failure = 'repeatedHost';
    else if (!isAuthority(head.buffer, head.valueStart(index), head.valueEnd(index), false, false)) {
      this.failure = 'invalidHost';
    }
  }

  private collectLength(head: MessageHead, index: number): void {
    if (this.contentLength >= 0) {
      this.failure = 'repeatedContentLength';
      return;
    }
    const text = head.buffer;
    const end = head.valueEnd(index);
    let at = head.valueStart(index);
    if (at === end) this.failure = 'invalidContentLength';
    let length = 0;
    for (; at < end; at++) {
      const digit = text[at] - 48;
      if (digit < 0 || digit > 9) {
        this.failure = isNumberList(text, head.valueStart(index), end) ? 'repeatedContentLength' : 'invalidContentLength';
        return;
      }
      if (length <= maxSafe) length = length * 10 + digit;
    }
    if (length > maxSafe) this.failure ??= 'contentLengthOverflow';
    this.contentLength = length;
  }

  /** Only `chunked`, once, without parameters; an empty element of the list is refused too. */
  private collectCodings(head: MessageHead, index: number): void {
    const text = head.buffer;
    const end = head.valueEnd(index);
    let start = head.valueStart(index);
    do {
      let comma = start;
      while (comma < end && text[comma] !== COMMA) comma++;
      const from = skipBlanks(text, start, comma);
      const to = skipBlanksBack(text, from, comma);
      if (equalsToken(text, from, to, 'chunked')) {
        if (this.hasChunked) this.failure = 'chunkedRepeated';
        this.hasChunked = true;
      } else if (!isCoding(text, from, to)) {
        this.failure = 'invalidTransferCoding';
      } else {
        this.failure = this.hasChunked ? 'chunkedNotLast' : 'unknownTransferCoding';
      }
      if (this.failure !== null) return;
      start = comma + 1;
    } while (start <= end);
  }

  private collectOptions(head: MessageHead, index: number): void {
    const text = head.buffer;
    const end = head.valueEnd(index);
    let start = head.valueStart(index);
    while (start < end) {
      let comma = start;
      while (comma < end && text[comma] !== COMMA) comma++;
      const from = skipBlanks(text, start, comma);
      const to = skipBlanksBack(text, from, comma);
      switch (hashToken(text, from, to)) {
        case hash.close:
          this.saysClose ||= equalsToken(text, from, to, 'close');
          break;
        case hash.keepAlive:
          this.saysKeepAlive ||= equalsToken(text, from, to, 'keep-alive');
          break;
        case hash.upgrade:
          this.saysUpgrade ||= equalsToken(text, from, to, 'upgrade');
          break;
        default:
      }
      start = comma + 1;
    }
  }

  private collectExpectation(head: MessageHead, index: number): void {
    if (equalsToken(head.buffer, head.valueStart(index), head.valueEnd(index), '100-continue')) this.expectsContinue = true;
    else this.failure = 'unknownExpectation';
  }
}

/** Digits, commas and blanks, with a comma among them: `5, 5`. */
function isNumberList(text: Uint8Array, start: number, end: number): boolean {
  let hasComma = false;
  for (let at = start; at < end; at++) {
    const byte = text[at];
    if (byte === COMMA) hasComma = true;
    else if (byte !== SP && byte !== HTAB && (byte < 48 || byte > 57)) return false;
  }
  return hasComma;
}

/** A token, perhaps with parameters: a coding by its form. `chunked;q=1` is not one, chunked has no parameters. */
function isCoding(text: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && tokenLower[text[at]] !== 0) at++;
  if (at === start || equalsToken(text, start, at, 'chunked')) return false;
  return at === end || text[at] === 59 || text[at] === SP || text[at] === HTAB;
}

/** Fills in what the request's fields mean, or answers what is wrong with them. */
export function frameRequest(head: RequestHead, facts: FieldFacts, maxBodyBytes: number): FailureCode | null {
  facts.collect(head, true);
  if (facts.failure !== null) return facts.failure;
  const isHttp10 = head.minorVersion === 0;
  if (facts.hosts === 0 && !isHttp10) return 'missingHost';
  const wrong = frameBody(head, facts, isHttp10);
  if (wrong !== null) return wrong;
  if (head.contentLength > maxBodyBytes) return 'bodyTooLarge';
  head.expectsContinue = facts.expectsContinue && !isHttp10 && head.bodyKind !== BodyKind.None;
  if (!isHttp10 && facts.hasUpgrade && facts.saysUpgrade) head.upgrade = protocolsOf(head);
  return null;
}

/** As `frameRequest`. What a response's body is depends on the request it answers (RFC 9112 6.3). */
export function frameResponse(
  head: ResponseHead,
  facts: FieldFacts,
  toHead: boolean,
  toConnect: boolean,
  maxBodyBytes: number,
): FailureCode | null {
  facts.collect(head, false);
  if (facts.failure !== null) return facts.failure;
  const { status } = head;
  const isHttp10 = head.minorVersion === 0;
  const wrong = frameBody(head, facts, isHttp10);
  if (wrong !== null) return wrong;
  const isTunnel = toConnect && status >= 200 && status < 300;
  if (toHead || isTunnel || status < 200 || status === 204 || status === 304) {
    head.bodyKind = BodyKind.None;
    head.contentLength = facts.contentLength < 0 ? 0 : facts.contentLength;
  } else if (facts.contentLength < 0 && !facts.hasChunked) {
    head.bodyKind = BodyKind.UntilClose;
    head.contentLength = -1;
    head.keepAlive = false;
  } else if (head.contentLength > maxBodyBytes) {
    return 'bodyTooLarge';
  }
  if (facts.hasUpgrade && facts.saysUpgrade) head.upgrade = protocolsOf(head);
  return null;
}

function frameBody(head: MessageHead, facts: FieldFacts, isHttp10: boolean): FailureCode | null {
  head.keepAlive = !facts.saysClose && (!isHttp10 || facts.saysKeepAlive);
  if (facts.hasChunked) {
    if (facts.contentLength >= 0) return 'lengthAndCoding';
    if (isHttp10) return 'codingOnHttp10';
    head.bodyKind = BodyKind.Chunked;
    head.contentLength = -1;
  } else {
    head.contentLength = facts.contentLength < 0 ? 0 : facts.contentLength;
    head.bodyKind = head.contentLength > 0 ? BodyKind.Length : BodyKind.None;
  }
  return null;
}

function protocolsOf(head: MessageHead): string[] {
  return (head.get('upgrade') ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}
