// The engine: joins reading, replying and persistence into the verbs every engine has (`docs/engines.md`).
//
// Reading has its phase here; sending has its state in `ServerSide` or `ClientSide`. They meet in three places: a
// server reads no further than one request ahead of its replies, a client reads only what it has asked for, and the
// connection ends when both agree that it does.

import { Brigade, type Bucket, type Pool } from '@sluice/brigade';
import { BodyWriter } from './body-writer.ts';
import { ClientSide } from './client-side.ts';
import { Http1Event, type Http1EventCode } from './events.ts';
import { type FailureCode, ProtocolFailure, UsageError } from './failure.ts';
import type { Fields } from './fields.ts';
import { FieldFacts, frameRequest, frameResponse } from './framing.ts';
import { RequestHead, ResponseHead } from './head.ts';
import { HeadWriter } from './head-writer.ts';
import { Input } from './input.ts';
import { type Http1Limits, resolveLimits } from './limits.ts';
import { internMethod } from './methods.ts';
import { type EncodedFields, type FieldList, noFields } from './outgoing-fields.ts';
import { laterField, restOfHead } from './later-field.ts';
import { MessageReader, Read } from './reader.ts';
import { Reply, ServerSide } from './server-side.ts';
import { parseTarget } from './target.ts';

export interface Http1Options {
  readonly role: 'server' | 'client';
  /** Where output takes its memory from. */
  readonly pool: Pool;
  readonly limits?: Partial<Http1Limits>;
  /** The value of Date for each reply that has none, an IMF-fixdate (RFC 9110 5.6.7). Without it no Date is written. */
  readonly date?: () => string;
}

const Phase = {
  Head: 0,
  Body: 1,
  /** The message has been read; the other half of the exchange may not be done. */
  Complete: 2,
  /** Client: an interim response has been given out. */
  Interim: 3,
  Upgraded: 4,
  Closed: 5,
  Failed: 6,
} as const;

const nothing = new Uint8Array(0);

export class Http1Engine {
  readonly role: 'server' | 'client';
  /** Encoded output, for the driver to move into its endpoint. */
  readonly output: Brigade;
  readonly limits: Http1Limits;
  /** With Data: the piece is `data[dataStart, dataEnd)`, lent until the following `next()`. */
  data: Uint8Array = nothing;
  dataStart = 0;
  dataEnd = 0;
  failure: ProtocolFailure | null = null;

  private readonly input = new Input();
  private readonly reader: MessageReader;
  private readonly facts = new FieldFacts();
  private readonly requestHead: RequestHead | null;
  private readonly responseHead: ResponseHead | null;
  private readonly server: ServerSide | null;
  private readonly client: ClientSide | null;
  private phase: number = Phase.Head;
  /** What had come behind the place where a head failed. */
  private behindFailure: Uint8Array = nothing;
  private isClosing = false;

  constructor({ role, pool, limits, date }: Http1Options) {
    this.role = role;
    this.limits = resolveLimits(role, limits);
    this.output = new Brigade(pool);
    const heads = new HeadWriter(this.output, date);
    const body = new BodyWriter(this.output);
    if (role === 'server') {
      this.requestHead = new RequestHead();
      this.responseHead = null;
      this.server = new ServerSide(this.requestHead, heads, body, this.limits);
      this.client = null;
    } else {
      this.requestHead = null;
      this.responseHead = new ResponseHead();
      this.server = null;
      this.client = new ClientSide(heads, body);
    }
    this.reader = new MessageReader(this.limits, this.input, this.head);
  }

  // Reading

  /** Lends `bytes[start, end)`. They must not change before `next()` has answered `NeedData` or `setaside()` was called. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.phase === Phase.Closed || this.phase === Phase.Failed) return;
    this.input.receive(bytes, start, end);
  }

  /** The peer will send no more. */
  receiveEnd(): void {
    this.input.ended = true;
  }

  /** Moves on to the next event and answers its code. */
  next(): Http1EventCode {
    this.data = nothing;
    this.dataStart = 0;
    this.dataEnd = 0;
    switch (this.phase) {
      case Phase.Head:
        return this.server === null ? this.nextResponse(this.client as ClientSide) : this.nextRequest(this.server);
      case Phase.Body:
        return this.nextPiece();
      case Phase.Complete:
        return this.server === null ? this.afterResponse(this.client as ClientSide) : this.afterRequest(this.server);
      case Phase.Interim:
        this.beginHead();
        return this.nextResponse(this.client as ClientSide);
      case Phase.Upgraded:
        return Http1Event.Upgrade;
      case Phase.Failed:
        return Http1Event.Failed;
      default:
        return this.closed();
    }
  }

  /** The current message's head. Valid until `next()` is called after the end of its exchange. */
  get head(): RequestHead | ResponseHead {
    return this.requestHead ?? (this.responseHead as ResponseHead);
  }

  /** `head` in the server role. */
  get request(): RequestHead {
    if (this.requestHead === null) throw new UsageError('a client reads responses');
    return this.requestHead;
  }

  /**
   * A field of the request in progress, also of a head that is incomplete or failed: what was read of it, and otherwise what had come behind the
   * place where it failed, at most 16 KiB of that. Null where it has not come. For the reply to a request that was refused, and
   * for nothing that the request is judged by.
   */
  partialField(name: string): string | null {
    return this.request.get(name)?.trim() ?? laterField(this.behindFailure, name);
  }

  /** `head` in the client role. */
  get response(): ResponseHead {
    if (this.responseHead === null) throw new UsageError('a server reads requests');
    return this.responseHead;
  }

  /** With EndOfMessage: the trailer section of a chunked body, null without one. Never merged into the head. */
  get trailers(): Fields | null {
    return this.reader.trailers;
  }

  /** Copies what is unread, so that the caller may reuse its buffer. */
  setaside(): void {
    this.input.setaside();
  }

  /** After Upgrade: the bytes that belong to the next protocol, copied out. */
  takeLeftover(): Uint8Array {
    if (this.phase !== Phase.Upgraded) throw new UsageError('the connection has not been upgraded');
    return this.input.take();
  }

  /** Bytes held by the engine: what was set aside, and the head or trailers of the message in progress. */
  get heldBytes(): number {
    return this.input.heldBytes + this.reader.heldBytes;
  }

  // The connection

  /** Another message may follow the current exchange. */
  get keepAlive(): boolean {
    return !this.isClosing && this.failure === null && (this.server ?? (this.client as ClientSide)).keepAlive;
  }

  /** Server: the client waits for `sendContinue()` or a final reply before it sends its body. */
  get expectsContinue(): boolean {
    const { server } = this;
    return server !== null && server.reply === Reply.Due && this.request.expectsContinue && !server.isContinued;
  }

  /** Server: a request, or its failure, waits for `sendHead`. */
  get canReply(): boolean {
    return this.server !== null && this.server.reply === Reply.Due;
  }

  /** Nothing is in progress: no exchange, and no byte of the next. */
  get isIdle(): boolean {
    if (this.phase !== Phase.Head || !this.reader.isIdle) return false;
    return this.client === null || !this.client.isAwaiting;
  }

  /**
   * Begins the end: exchanges in progress go on, and a reply whose head is still to be sent says `Connection: close`.
   * No further request is read or sent; `next()` answers Closed when the last exchange is over.
   */
  close(): void {
    this.isClosing = true;
    const side = this.server;
    if (side !== null && side.reply !== Reply.Open) side.keepAlive = false;
  }

  /**
   * Server: waits no longer for a request, or for the rest of one. While `canReply`, one last reply can be sent then, also
   * without a request: 408, 503. Nothing further is read.
   */
  giveUp(): void {
    const server = this.serverSide();
    this.close();
    if (this.phase < Phase.Upgraded) server.fail();
  }

  // Sending

  /**
   * Client: sends a request's head. `length` in bytes: 0 for no body, −1 for a chunked one. Then the body, and `sendEnd()`
   * in every case. `fields` needs Host. Throws `UsageError`, with nothing sent.
   */
  sendRequest(method: string, target: string, fields: FieldList, length = 0): void {
    if (this.client === null) throw new UsageError('a server sends no requests');
    if (this.isClosing || this.phase >= Phase.Upgraded) throw new UsageError('the connection takes no further request');
    this.client.sendRequest(method, target, fields, length, false);
  }

  /**
   * Server: sends the head of the final reply to the current request, or to one that failed. `length` of the body in bytes;
   * −1 for unknown: chunked on HTTP/1.1, until the connection closes on 1.0. Throws `UsageError`, with nothing sent.
   */
  sendHead(status: number, fields: FieldList | EncodedFields = noFields, length = -1): void {
    this.serverSide().sendHead(status, fields, length);
  }

  /** Server: 100, when the client still waits for it; else nothing. */
  sendContinue(): void {
    this.serverSide().sendContinue();
  }

  /** Server: an interim reply (RFC 9110 15.2), such as 103 with Link. */
  sendInterim(status: number, fields: FieldList = noFields): void {
    this.serverSide().sendInterim(status, fields);
  }

  /**
   * Server: 101 with one of the protocols of `request.upgrade`. `next()` goes on with what is left of the request and then
   * answers Upgrade.
   */
  acceptUpgrade(protocol: string, fields: FieldList = noFields): void {
    if (this.failure !== null) throw new UsageError('a failed request cannot be upgraded');
    this.serverSide().acceptUpgrade(protocol, fields);
  }

  /** Sends a piece of the body; the bytes are copied. Dropped where the message has no body (HEAD, 204, 304). */
  sendData(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.openBody.data(bytes, start, end);
  }

  /** Sends a bucket as a piece of the body, by reference; it is the engine's from now on. Marks pass through. */
  sendBucket(bucket: Bucket): void {
    this.openBody.bucket(bucket);
  }

  /** Moves all buckets out of the brigade, as a piece of the body. */
  sendBrigade(brigade: Brigade): void {
    this.openBody.brigade(brigade);
  }

  /** Ends the message. Trailers go out with a chunked body, and are dropped with any other. */
  sendEnd(trailers: FieldList = noFields): void {
    (this.server ?? (this.client as ClientSide)).end(trailers);
  }

  private get openBody(): BodyWriter {
    return (this.server ?? (this.client as ClientSide)).openBody;
  }

  private serverSide(): ServerSide {
    if (this.server === null) throw new UsageError('a client sends no replies');
    return this.server;
  }

  // One step of reading

  private nextRequest(server: ServerSide): Http1EventCode {
    if (!server.keepAlive || this.isClosing) return this.closed();
    if (this.input.ended && this.input.pos === this.input.end && this.reader.isIdle) return this.closed();
    const { reader, request: head } = this;
    const read = reader.next();
    if (read !== Read.Head) return read === Read.NeedData ? this.needData() : this.fail(reader.failure as FailureCode);
    head.method = internMethod(head.buffer, head.parts.start - 1);
    const wrong = parseTarget(head.buffer, head.method, head.parts)
      ? frameRequest(head, this.facts, this.limits.maxBodyBytes)
      : 'invalidTarget';
    if (wrong !== null) return this.fail(wrong);
    server.begin();
    return this.beginBody(head);
  }

  private nextResponse(client: ClientSide): Http1EventCode {
    const { input, reader, response: head } = this;
    if (!client.isAwaiting) {
      if (input.pos < input.end) return this.fail('unsolicitedResponse');
      return input.ended || this.isClosing || !client.keepAlive ? this.closed() : this.needData();
    }
    if (input.ended && input.pos === input.end && reader.isIdle) return this.fail('missingResponse');
    const read = reader.next();
    if (read !== Read.Head) return read === Read.NeedData ? this.needData() : this.fail(reader.failure as FailureCode);
    const wrong = frameResponse(head, this.facts, client.askedHead, client.askedConnect, this.limits.maxBodyBytes);
    if (wrong !== null) return this.fail(wrong);
    if (head.status === 101 && !client.askedUpgrade) return this.fail('unexpectedUpgrade');
    if (head.status === 101 || (client.askedConnect && head.status >= 200 && head.status < 300)) {
      this.phase = Phase.Upgraded;
      return Http1Event.Upgrade;
    }
    if (head.status < 200) {
      this.phase = Phase.Interim;
      return Http1Event.Interim;
    }
    client.keepAlive &&= head.keepAlive;
    return this.beginBody(head);
  }

  private beginBody(head: RequestHead | ResponseHead): Http1EventCode {
    this.reader.beginBody(head.bodyKind, head.contentLength);
    this.phase = Phase.Body;
    return Http1Event.Head;
  }

  private nextPiece(): Http1EventCode {
    const { reader, server } = this;
    if (server !== null && server.reply === Reply.Ended && !server.isSwitching && !this.keepAlive) return this.closed();
    switch (reader.next()) {
      case Read.NeedData:
        return this.needData();
      case Read.Data:
        if (server !== null) server.isContinued = true;
        this.data = this.input.bytes;
        this.dataStart = reader.dataStart;
        this.dataEnd = reader.dataEnd;
        return Http1Event.Data;
      case Read.End:
        if (server !== null) server.isContinued = true;
        this.phase = Phase.Complete;
        return Http1Event.EndOfMessage;
      default:
        return this.fail(reader.failure as FailureCode);
    }
  }

  private afterRequest(server: ServerSide): Http1EventCode {
    if (server.isSwitching) {
      this.phase = Phase.Upgraded;
      return Http1Event.Upgrade;
    }
    if (server.reply !== Reply.Ended) return this.input.pos < this.input.end ? Http1Event.Paused : this.needData();
    if (!this.keepAlive) return this.closed();
    server.reply = Reply.None;
    this.beginHead();
    return this.nextRequest(server);
  }

  private afterResponse(client: ClientSide): Http1EventCode {
    client.complete();
    if (!this.response.keepAlive) return this.closed();
    this.beginHead();
    return this.nextResponse(client);
  }

  private beginHead(): void {
    this.reader.beginHead(this.head);
    this.phase = Phase.Head;
  }

  private needData(): Http1EventCode {
    this.input.drop();
    return Http1Event.NeedData;
  }

  private closed(): Http1EventCode {
    this.phase = Phase.Closed;
    this.input.drop();
    return Http1Event.Closed;
  }

  private fail(code: FailureCode): Http1EventCode {
    this.failure = new ProtocolFailure(code, this.role);
    if (this.phase === Phase.Head && this.server !== null) this.behindFailure = restOfHead(this.input);
    this.phase = Phase.Failed;
    this.input.drop();
    this.server?.fail();
    return Http1Event.Failed;
  }
}
