// What `next()` gives with Head: the start line and the fields, in one buffer.
//
// An engine has one head per message in progress and uses it again for the next message. A head is valid until the next
// Head event; strings taken from it stay.

import { latin1 } from './characters.ts';
import { Fields } from './fields.ts';
import { type TargetForm, TargetParts } from './target.ts';

/** How the body that follows a head is delimited (RFC 9112 6.3). */
export const BodyKind = { None: 0, Length: 1, Chunked: 2, UntilClose: 3 } as const;
export type BodyKindCode = (typeof BodyKind)[keyof typeof BodyKind];

export class MessageHead extends Fields {
  /** 0 or 1. An HTTP/1.2 message says 2, and is treated as 1.1 (RFC 9110 2.5). */
  minorVersion = 1;
  bodyKind: BodyKindCode = BodyKind.None;
  /** Bytes of the body: 0 without one, -1 where only its end will tell. */
  contentLength = 0;
  /** Whether this message lets the connection go on after it (RFC 9112 9.3). */
  keepAlive = true;
  /** The protocols of Upgrade, in order of preference; empty without `Connection: upgrade` and on HTTP/1.0. */
  upgrade: readonly string[] = noProtocols;

  override reset(): void {
    super.reset();
    this.minorVersion = 1;
    this.bodyKind = BodyKind.None;
    this.contentLength = 0;
    this.keepAlive = true;
    this.upgrade = noProtocols;
  }
}

const noProtocols: readonly string[] = [];

export class RequestHead extends MessageHead {
  /** As sent; methods are case-sensitive. */
  method = '';
  /** `Expect: 100-continue` was given with a body on HTTP/1.1 (RFC 9110 10.1.1). */
  expectsContinue = false;
  /** Offsets of the target's parts. */
  readonly parts: TargetParts = new TargetParts();
  private targetText: string | null = null;

  /** The request target, verbatim. */
  get target(): string {
    return (this.targetText ??= latin1(this.text, this.parts.start, this.parts.end));
  }

  get form(): TargetForm {
    return this.parts.form;
  }

  /** The target's path, undecoded; `/` where an absolute target has none, `*` or empty for the asterisk and authority forms. */
  get path(): string {
    const { pathStart, pathEnd, form } = this.parts;
    if (pathStart < pathEnd) return latin1(this.text, pathStart, pathEnd);
    if (form === 'absolute') return this.method === 'OPTIONS' && this.parts.queryStart < 0 ? '*' : '/';
    return '';
  }

  /** What follows the `?`, undecoded; null without one. */
  get query(): string | null {
    const { queryStart, end } = this.parts;
    return queryStart < 0 ? null : latin1(this.text, queryStart, end);
  }

  /** Host and port as the request names them: the target's if it has them, else the Host field's (RFC 9112 3.2.2). */
  get authority(): string {
    const { authorityStart, authorityEnd } = this.parts;
    return authorityStart < 0 ? (this.get('host') ?? '') : latin1(this.text, authorityStart, authorityEnd);
  }

  /** Whether the client takes trailers (`TE: trailers`, RFC 9110 10.1.4). */
  get acceptsTrailers(): boolean {
    return this.hasToken('te', 'trailers');
  }

  override reset(): void {
    super.reset();
    this.method = '';
    this.expectsContinue = false;
    this.targetText = null;
    this.parts.reset();
  }
}

export class ResponseHead extends MessageHead {
  status = 0;
  /** Offsets of the reason phrase. */
  reasonStart = 0;
  reasonEnd = 0;

  /** The reason phrase, as sent; it means nothing (RFC 9112 4). */
  get reason(): string {
    return latin1(this.text, this.reasonStart, this.reasonEnd);
  }

  override reset(): void {
    super.reset();
    this.status = 0;
    this.reasonStart = 0;
    this.reasonEnd = 0;
  }
}
