// What a client sends, and the requests it waits on. Requests may be pipelined: responses come in their order.

import type { BodyWriter } from './body-writer.ts';
import { queryByte } from './characters.ts';
import { UsageError } from './failure.ts';
import { BodyKind, type BodyKindCode } from './head.ts';
import { ConnectionOption, type HeadWriter } from './head-writer.ts';
import { type FieldList, OutgoingFacts } from './outgoing-fields.ts';
import { declaredLength } from './server-side.ts';

/** What the response to a request depends on. */
const Asked = { Head: 1, Connect: 2, Upgrade: 4 } as const;

export class ClientSide {
  /** Another request may be sent. */
  keepAlive = true;
  private readonly heads: HeadWriter;
  private readonly body: BodyWriter;
  private readonly facts = new OutgoingFacts();
  /** One entry per response awaited. */
  private readonly awaited: number[] = [];
  private isOpen = false;

  constructor(heads: HeadWriter, body: BodyWriter) {
    this.heads = heads;
    this.body = body;
  }

  get isAwaiting(): boolean {
    return this.awaited.length > 0;
  }

  get askedHead(): boolean {
    return (this.awaited[0] & Asked.Head) !== 0;
  }

  get askedConnect(): boolean {
    return (this.awaited[0] & Asked.Connect) !== 0;
  }

  get askedUpgrade(): boolean {
    return (this.awaited[0] & Asked.Upgrade) !== 0;
  }

  /** The response to the oldest request has been read. */
  complete(): void {
    this.awaited.shift();
  }

  sendRequest(method: string, target: string, fields: FieldList, length: number, isLast: boolean): void {
    if (this.isOpen) throw new UsageError('the body of the previous request has not ended');
    if (!this.keepAlive) throw new UsageError('no further request can be sent on this connection');
    if (!isToken(method)) throw new UsageError(`${JSON.stringify(method)} is not a method`);
    if (!isTarget(target)) throw new UsageError(`${JSON.stringify(target)} is not a request target`);
    const { facts } = this;
    facts.collect(fields);
    if (facts.hosts !== 1) throw new UsageError('a request has one Host');
    const declared = declaredLength(facts, length);
    const kind: BodyKindCode = declared < 0 ? BodyKind.Chunked : declared > 0 ? BodyKind.Length : BodyKind.None;
    const saysLength = declared > 0 || (declared === 0 && (method === 'POST' || method === 'PUT' || method === 'PATCH'));
    const closes = isLast || (facts.connection !== '' && /(?:^|[,\s])close(?:[,\s]|$)/i.test(facts.connection));
    const option = closes ? ConnectionOption.Close : ConnectionOption.None;
    this.heads.request(method, target, fields, facts, kind, saysLength ? declared : -1, option);
    this.keepAlive = !closes;
    this.body.begin(declared === 0 ? BodyKind.Length : kind, declared);
    this.isOpen = true;
    this.awaited.push(
      (method === 'HEAD' ? Asked.Head : 0) | (method === 'CONNECT' ? Asked.Connect : 0) | (facts.hasUpgrade ? Asked.Upgrade : 0),
    );
  }

  /** The body writer, when a body may be written. */
  get openBody(): BodyWriter {
    if (!this.isOpen) throw new UsageError('no request is open: its head has not been sent, or it has ended');
    return this.body;
  }

  end(trailers: FieldList): void {
    this.openBody.end(trailers);
    this.isOpen = false;
  }
}

function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

function isTarget(target: string): boolean {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code > 126 || queryByte[code] === 0) return false;
  }
  return target.length > 0;
}
