// The engine: joins reading, requests in flight and writing into the verbs every engine has (`docs/engines.md`).

import { Brigade, type Bucket, type Pool } from '@sluice/brigade';
import { CommandEvent, type CommandEventCode } from './events.ts';
import { type FailureCode, ProtocolFailure, UsageError } from './failure.ts';
import { AnswerHeads, failureText, type GapHead, type GoodbyeHead, type PublicationHead, type ReplyHead, RequestHead } from './head.ts';
import { InFlight } from './in-flight.ts';
import { Input } from './input.ts';
import { type CommandLimits, resolveLimits } from './limits.ts';
import { MessageReader, Read } from './message-reader.ts';
import { Kind } from './start-line.ts';
import {
  type HeaderList,
  spanBytes,
  writeConnectionFailure,
  writeFailure,
  writeGap,
  writeGoodbye,
  writeGreeting,
  writeRefusal,
  writeReply,
  writeRequest,
} from './writer.ts';

export interface CommandEngineOptions {
  readonly role: 'server' | 'client';
  /** Where output takes its memory from. */
  readonly pool: Pool;
  readonly limits?: Partial<CommandLimits>;
}

const Phase = {
  /** The greeting has not been sent (server) or read (client). */
  Greeting: 0,
  Open: 1,
  /** Nothing more is read. */
  Closed: 2,
  Failed: 3,
} as const;

const nothing = new Uint8Array(0);
const none: HeaderList = [];

export class CommandEngine {
  readonly role: 'server' | 'client';
  /** Encoded output, for the driver to move into its endpoint. Between two calls it ends where a message ends. */
  readonly output: Brigade;
  readonly limits: CommandLimits;
  /** With Request, Reply and Publication: the body is `data[dataStart, dataEnd)`, until the following `next()`. */
  data: Uint8Array = nothing;
  dataStart = 0;
  dataEnd = 0;
  failure: ProtocolFailure | null = null;
  /** Client: the text of the server's `ERR` about the connection, null without one. */
  refusal: string | null = null;

  readonly #input = new Input();
  readonly #reader: MessageReader;
  readonly #inFlight = new InFlight();
  readonly #request: RequestHead | null;
  readonly #answers: AnswerHeads | null;
  #phase: number = Phase.Greeting;
  /** `close()` was called. */
  #isClosing = false;
  /** Server: `refuse()` or `sendGoodbye()` was called. Client: the goodbye has been read. */
  #isOver = false;
  #lastSequence = 0;

  /** Throws `UsageError` for a limit out of its range. */
  constructor({ role, pool, limits }: CommandEngineOptions) {
    this.role = role;
    this.limits = resolveLimits(role, limits);
    this.output = new Brigade(pool);
    this.#reader = new MessageReader(role, this.#input, this.limits);
    this.#request = role === 'server' ? new RequestHead(this.#reader) : null;
    this.#answers = role === 'client' ? new AnswerHeads(this.#reader) : null;
  }

  // Reading

  /** Lends `bytes[start, end)`. They must not change before `next()` has answered `NeedData` or `setaside()` was called. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#phase < Phase.Closed) this.#input.receive(bytes, start, end);
  }

  /** The peer will send no more. */
  receiveEnd(): void {
    this.#input.ended = true;
  }

  /** Moves on to the next event and answers its code. A server looks at nothing before its greeting: `UsageError`. */
  next(): CommandEventCode {
    this.data = nothing;
    this.dataStart = 0;
    this.dataEnd = 0;
    this.#reader.release();
    if (this.#phase === Phase.Failed) return CommandEvent.Failed;
    if (this.#phase === Phase.Closed) return CommandEvent.Closed;
    return this.role === 'server' ? this.#nextRequest() : this.#nextAnswer();
  }

  /** Server: with Request, its head. */
  get request(): RequestHead {
    if (this.#request === null) throw new UsageError('a client reads no requests');
    return this.#request;
  }

  /** Client: with Reply, its head. */
  get reply(): ReplyHead {
    return this.#clientHeads.reply;
  }

  /** Client: with Publication, its head. */
  get publication(): PublicationHead {
    return this.#clientHeads.publication;
  }

  /** Client: with Gap, its head. */
  get gap(): GapHead {
    return this.#clientHeads.gap;
  }

  /** Client: with Goodbye, its head. */
  get goodbye(): GoodbyeHead {
    return this.#clientHeads.goodbye;
  }

  get #clientHeads(): AnswerHeads {
    if (this.#answers === null) throw new UsageError('a server reads requests only');
    return this.#answers;
  }

  /** Copies what is unread, so that the caller may reuse its buffer. */
  setaside(): void {
    this.#input.setaside();
  }

  /** Bytes the engine holds for the moment: the message in progress or just given out, and what was set aside. */
  get heldBytes(): number {
    return this.#reader.heldBytes + this.#input.heldBytes;
  }

  /** Bytes of the connection's state: 0 before the first byte is looked at, then 8,192 (with `maxMessageBytes` of 8,064 or more). */
  get stateBytes(): number {
    return this.#reader.state.bytes;
  }

  /** The user's 64 bytes, zeroed, aligned for any typed array over their buffer; null before the first byte is looked at. */
  get user(): Uint8Array | null {
    return this.#reader.state.user;
  }

  // The connection

  /** Server: replies and publications can be sent. Client: requests can. */
  get isOpen(): boolean {
    if (this.failure !== null || this.#isOver) return false;
    if (this.role === 'server') return this.#phase !== Phase.Greeting;
    return this.#phase !== Phase.Closed && !this.#isClosing && this.refusal === null;
  }

  /** Requests that wait for their replies. */
  get inFlight(): number {
    return this.#inFlight.count;
  }

  isInFlight(sequence: string): boolean {
    return this.#inFlight.has(sequence);
  }

  /**
   * Begins the end: no further request is read or sent, replies to those in flight still are. A server's `next()` answers Closed
   * at once, a client's when the last reply has come.
   */
  close(): void {
    this.#isClosing = true;
  }

  // Sending: server

  /** `OK`: the peer may go on. Once, before anything else. */
  sendGreeting(): void {
    this.#mustBe('server');
    if (this.#phase !== Phase.Greeting || this.#isOver) throw new UsageError('the greeting comes once, and first');
    writeGreeting(this.output);
    this.#phase = Phase.Open;
  }

  /** Replies `OK` to a request in flight, with a copy of `bytes[start, end)`. */
  sendReply(sequence: string, bytes: Uint8Array = nothing, start = 0, end: number = bytes.length): void {
    this.#mustBeInFlight(sequence);
    writeReply(this.output, sequence, spanBytes(bytes, start, end));
    this.output.write(bytes, start, end);
    this.#inFlight.remove(sequence);
  }

  /** Replies `OK`, with all buckets of the brigade, by reference. Their length has to be known. */
  sendReplyBrigade(sequence: string, brigade: Brigade): void {
    this.#mustBeInFlight(sequence);
    if (brigade.length < 0) throw new UsageError('a reply has to be of known length');
    writeReply(this.output, sequence, brigade.length);
    this.output.concat(brigade);
    this.#inFlight.remove(sequence);
  }

  /** Replies `ERR: <text>` to a request in flight, with a copy of `bytes[start, end)`. The connection goes on. */
  sendFailure(sequence: string, text: string, bytes: Uint8Array = nothing, start = 0, end: number = bytes.length): void {
    this.#mustBeInFlight(sequence);
    writeFailure(this.output, text, sequence, spanBytes(bytes, start, end));
    this.output.write(bytes, start, end);
    this.#inFlight.remove(sequence);
  }

  /** A publication made by `encodeSharedMessage`, by reference: takes a reference of its own. */
  sendShared(message: Bucket): void {
    this.#mustBeOpen('server');
    this.output.append(message.retain());
  }

  /** `GAP topic`: publications are missing before the next one of that topic, or pattern. */
  sendGap(topic: string, headers: HeaderList = none): void {
    this.#mustBeOpen('server');
    writeGap(this.output, topic, headers);
  }

  /**
   * `BYE: <text>`, the last message, once every request that was taken has its reply: `next()` answers Closed from here on, and the peer
   * knows that a request without reply was not begun. Throws `UsageError` while requests are in flight.
   */
  sendGoodbye(text: string, headers: HeaderList = none): void {
    this.#mustBeOpen('server');
    if (this.#inFlight.count > 0) throw new UsageError('the goodbye comes after the last reply');
    writeGoodbye(this.output, text, headers);
    this.#endAll();
  }

  /**
   * `ERR: <text>` about the connection, in place of the greeting or after it, and the end of everything: `next()` answers Closed,
   * requests in flight get no reply. Where that was said already, or the peer has failed, nothing is written.
   */
  refuse(text: string): void {
    this.#mustBe('server');
    if (this.failure !== null || this.#isOver) return;
    if (this.#phase === Phase.Greeting) writeRefusal(this.output, text);
    else writeConnectionFailure(this.output, text);
    this.#endAll();
  }

  // Sending: client

  /**
   * Sends a request, with a copy of `body[start, end)` where that is not empty, and answers its Sequence. `headers` may have anything but
   * Sequence and Size. Need not wait for the greeting. Throws `UsageError`, with nothing sent.
   */
  sendRequest(
    command: string,
    args: readonly string[] = none,
    headers: HeaderList = none,
    body: Uint8Array = nothing,
    start = 0,
    end: number = body.length,
  ): string {
    this.#mustBeOpen('client');
    const sequence = String(this.#lastSequence + 1);
    writeRequest(this.output, command, args, sequence, headers, spanBytes(body, start, end));
    this.output.write(body, start, end);
    this.#lastSequence++;
    this.#inFlight.add(sequence);
    return sequence;
  }

  #mustBe(role: 'server' | 'client'): void {
    if (this.role !== role) throw new UsageError(`only a ${role} sends this`);
  }

  #mustBeOpen(role: 'server' | 'client'): void {
    this.#mustBe(role);
    if (!this.isOpen) throw new UsageError('nothing can be sent: the greeting is missing, or the connection is over');
  }

  #mustBeInFlight(sequence: string): void {
    this.#mustBeOpen('server');
    if (!this.#inFlight.has(sequence)) throw new UsageError(`no request with Sequence ${JSON.stringify(sequence)} waits for a reply`);
  }

  // One step of reading

  #nextRequest(): CommandEventCode {
    const reader = this.#reader;
    if (this.#isClosing) return this.#end(Phase.Closed);
    if (this.#phase === Phase.Greeting) throw new UsageError('nothing is looked at before the greeting');
    // Never within a message: it was begun with fewer in flight, and only its own end adds one.
    if (!this.#input.isEmpty && this.#inFlight.count >= this.limits.maxInFlight) return CommandEvent.Paused;
    switch (reader.next()) {
      case Read.NeedData:
        if (!this.#input.ended) return this.#needData();
        return reader.isIdle ? this.#end(Phase.Closed) : this.#fail('truncated');
      case Read.Message:
        return this.#inFlight.add(reader.sequence) ? this.#lend(CommandEvent.Request) : this.#fail('sequenceInUse');
      default:
        return this.#fail(reader.failure as FailureCode);
    }
  }

  #nextAnswer(): CommandEventCode {
    const reader = this.#reader;
    if (this.refusal !== null || this.#isOver) return this.#end(Phase.Closed);
    if (this.#isClosing && this.#inFlight.count === 0 && reader.isIdle) return this.#end(Phase.Closed);
    switch (reader.next()) {
      case Read.NeedData:
        return this.#input.ended ? this.#endOfAnswers() : this.#needData();
      case Read.Message:
        return this.#answer();
      default:
        return this.#fail(reader.failure as FailureCode);
    }
  }

  #answer(): CommandEventCode {
    const reader = this.#reader;
    if (reader.kind === Kind.Publication) return this.#lend(CommandEvent.Publication);
    if (reader.kind === Kind.Failure && !reader.hasSequence) return this.#refused();
    if (this.#phase === Phase.Greeting) {
      this.#phase = Phase.Open;
      return CommandEvent.Greeting;
    }
    if (reader.kind === Kind.Gap) return this.#lend(CommandEvent.Gap);
    if (reader.kind === Kind.Goodbye) {
      this.#isOver = true;
      this.#inFlight.clear();
      return this.#lend(CommandEvent.Goodbye);
    }
    return this.#inFlight.remove(reader.sequence) ? this.#lend(CommandEvent.Reply) : this.#fail('unknownSequence');
  }

  #endOfAnswers(): CommandEventCode {
    const reader = this.#reader;
    if (reader.isFailureLine) return this.#refused();
    if (!reader.isIdle) return this.#fail('truncated');
    if (this.#phase === Phase.Greeting) return this.#fail('missingGreeting');
    return this.#inFlight.count > 0 ? this.#fail('missingReply') : this.#end(Phase.Closed);
  }

  #refused(): CommandEventCode {
    this.refusal = failureText(this.#reader);
    this.#inFlight.clear();
    return CommandEvent.Refused;
  }

  #lend(event: CommandEventCode): CommandEventCode {
    this.data = this.#reader.state.message;
    this.dataStart = this.#reader.headEnd;
    this.dataEnd = this.#reader.heldBytes;
    return event;
  }

  #needData(): CommandEventCode {
    this.#input.drop();
    return CommandEvent.NeedData;
  }

  #fail(code: FailureCode): CommandEventCode {
    const failure = new ProtocolFailure(code);
    this.failure = failure;
    this.#inFlight.clear();
    if (this.role === 'server') writeConnectionFailure(this.output, failure.text);
    return this.#end(Phase.Failed);
  }

  #endAll(): void {
    this.#isOver = true;
    this.#inFlight.clear();
    this.#end(Phase.Closed);
  }

  #end(phase: typeof Phase.Closed | typeof Phase.Failed): CommandEventCode {
    this.#phase = phase;
    this.#input.drop();
    this.#reader.drop();
    return phase === Phase.Closed ? CommandEvent.Closed : CommandEvent.Failed;
  }
}
