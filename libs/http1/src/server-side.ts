// What a server sends, and when it may: the reply to the one request in progress.
//
//     None ──Head──▶ Due ──sendHead──▶ Open ──sendEnd──▶ Ended ──next()──▶ None
//                     └──acceptUpgrade, or 2xx to CONNECT──▶ Ended, and the connection changes hands

import type { BodyWriter } from './body-writer.ts';
import { UsageError } from './failure.ts';
import { BodyKind, type BodyKindCode, type RequestHead } from './head.ts';
import { ConnectionOption, type HeadWriter } from './head-writer.ts';
import type { Http1Limits } from './limits.ts';
import { EncodedFields, type FieldList, OutgoingFacts, noFields } from './outgoing-fields.ts';

export const Reply = { None: 0, Due: 1, Open: 2, Ended: 3 } as const;
export type ReplyCode = (typeof Reply)[keyof typeof Reply];

export class ServerSide {
  reply: ReplyCode = Reply.None;
  /** Another request may follow this one. Final once the reply's head is sent. */
  keepAlive = true;
  /** The connection is another protocol's once the request has been read. */
  isSwitching = false;
  /** The request's body has begun to arrive, or was asked for: 100 is of no more use. */
  isContinued = false;
  private readonly head: RequestHead;
  private readonly heads: HeadWriter;
  private readonly body: BodyWriter;
  private readonly limits: Http1Limits;
  private readonly facts = new OutgoingFacts();
  private requests = 0;

  constructor(head: RequestHead, heads: HeadWriter, body: BodyWriter, limits: Http1Limits) {
    this.head = head;
    this.heads = heads;
    this.body = body;
    this.limits = limits;
  }

  /** A request's head is complete. */
  begin(): void {
    this.requests++;
    this.reply = Reply.Due;
    this.isContinued = false;
    this.keepAlive &&= this.head.keepAlive && this.requests < this.limits.maxRequests;
  }

  /** The request cannot be read. One that has no reply yet can still be answered, as the last. */
  fail(): void {
    this.keepAlive = false;
    if (this.reply === Reply.None) this.reply = Reply.Due;
  }

  sendInterim(status: number, fields: FieldList): void {
    if (this.reply !== Reply.Due) throw new UsageError('no request waits for a reply');
    if (!(status >= 100 && status <= 199) || status === 101) throw new UsageError(`${status} is not an interim status`);
    if (this.head.minorVersion === 0) throw new UsageError('HTTP/1.0 has no interim responses');
    this.facts.collect(fields);
    if (this.facts.contentLength >= 0) throw new UsageError('an interim response has no body');
    this.heads.response(status, fields, this.facts, BodyKind.None, -1, ConnectionOption.None);
  }

  sendContinue(): void {
    if (this.reply !== Reply.Due) throw new UsageError('no request waits for a reply');
    if (!this.head.expectsContinue || this.isContinued) return;
    this.isContinued = true;
    this.sendInterim(100, noFields);
  }

  sendHead(status: number, fields: FieldList | EncodedFields, length: number): void {
    if (this.reply !== Reply.Due) throw new UsageError('no request waits for a reply');
    if (!(Number.isInteger(status) && status >= 200 && status <= 999)) throw new UsageError(`${status} is not a final status`);
    const { facts, head } = this;
    collect(facts, fields);
    const declared = declaredLength(facts, length);
    const toConnect = head.method === 'CONNECT' && status < 300;
    const isBare = status === 204 || toConnect;
    const hasBody = !isBare && status !== 304 && head.method !== 'HEAD';
    if (status === 205 && declared > 0) throw new UsageError('205 has no content');
    if (isBare && declared > 0) throw new UsageError(`${status} has no Content-Length`);
    const contentLength = isBare ? -1 : status === 205 ? 0 : declared;
    const kind = hasBody ? replyKind(contentLength, head.minorVersion) : BodyKind.None;
    const keepAlive =
      this.keepAlive &&
      kind !== BodyKind.UntilClose &&
      !(head.expectsContinue && !this.isContinued) &&
      !(facts.connection !== '' && /(?:^|[,\s])close(?:[,\s]|$)/i.test(facts.connection));
    const option = toConnect ? ConnectionOption.None : keepAlive ? keptOption(head.minorVersion) : ConnectionOption.Close;
    this.heads.response(status, fields, facts, kind, contentLength, option);
    this.keepAlive = keepAlive;
    this.body.begin(kind, contentLength);
    this.isSwitching = toConnect;
    this.reply = toConnect ? Reply.Ended : Reply.Open;
  }

  acceptUpgrade(protocol: string, fields: FieldList): void {
    if (this.reply !== Reply.Due) throw new UsageError('no request waits for a reply');
    const wanted = protocol.toLowerCase();
    if (!this.head.upgrade.some((offered) => offered.toLowerCase() === wanted)) {
      throw new UsageError(`the request does not offer ${JSON.stringify(protocol)}`);
    }
    const all = ['Upgrade', protocol, ...fields];
    this.facts.collect(all);
    if (this.facts.contentLength >= 0) throw new UsageError('101 has no body');
    this.sendContinue();
    this.facts.collect(all);
    this.heads.response(101, all, this.facts, BodyKind.None, -1, ConnectionOption.None);
    this.isSwitching = true;
    this.reply = Reply.Ended;
  }

  /** The body writer, when a body may be written. */
  get openBody(): BodyWriter {
    if (this.reply !== Reply.Open) throw new UsageError('no reply is open: its head has not been sent, or it has ended');
    return this.body;
  }

  end(trailers: FieldList): void {
    this.openBody.end(trailers);
    this.reply = Reply.Ended;
  }
}

function replyKind(contentLength: number, minorVersion: number): BodyKindCode {
  if (contentLength >= 0) return BodyKind.Length;
  return minorVersion > 0 ? BodyKind.Chunked : BodyKind.UntilClose;
}

function keptOption(minorVersion: number): 0 | 2 {
  return minorVersion > 0 ? ConnectionOption.None : ConnectionOption.KeepAlive;
}

function collect(facts: OutgoingFacts, fields: FieldList | EncodedFields): void {
  if (fields instanceof EncodedFields) {
    facts.collect(noFields);
    facts.bytes = fields.bytes.length;
    facts.hasDate = fields.hasDate;
  } else {
    facts.collect(fields);
  }
}

/** The length given as an argument, or in the fields; −1 for unknown. */
export function declaredLength(facts: OutgoingFacts, length: number): number {
  if (length !== -1 && !(Number.isSafeInteger(length) && length >= 0)) throw new UsageError(`${length} is not a length in bytes`);
  if (facts.contentLength < 0) return length;
  if (length >= 0 && length !== facts.contentLength) throw new UsageError('Content-Length is not the length of the body');
  return facts.contentLength;
}
