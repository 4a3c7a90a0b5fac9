// Reads messages: copies the bytes of one into the message buffer, looks at each byte of its head on the way, and knows at the
// head's end how long the body is. The same for both roles but for what the first line may be.
//
// Where it stands is kept in the 16 integers of the connection's private part, so that a message may be cut anywhere.
// Invariant: lineStart <= filled <= message.length; within a body headEnd <= filled <= headEnd + size <= maxMessageBytes.

import type { FailureCode } from './failure.ts';
import { colonOf, decimalOf, Header, headerOf, isSequence, skipSpaces, trimSpaces } from './header-line.ts';
import type { Input } from './input.ts';
import { type CommandLimits, headBytes } from './limits.ts';
import { hasCommand, Kind, type KindCode, kindOf } from './start-line.ts';
import { ConnectionState } from './state.ts';
import { isUtf8, textOf } from './utf8.ts';

export const Read = { NeedData: 0, Message: 1, Failed: 2 } as const;
export type ReadCode = (typeof Read)[keyof typeof Read];

/** Places in the private part. All are 0 when a message begins; of what can be at 0, the place holds one more. */
const place = {
  phase: 0,
  /** Bytes of the message that are in the buffer. */
  filled: 1,
  lineStart: 2,
  /** The byte before was CR. */
  afterCr: 3,
  /** All bytes of the current line or-ed: from 128 on it is not all ASCII. */
  lineBits: 4,
  kind: 5,
  startLineEnd: 6,
  headEnd: 7,
  /** Size plus 1. */
  size: 8,
  /** Values of headers: starts are never 0, because a line stands before them. */
  sequenceStart: 9,
  sequenceEnd: 10,
  offsetStart: 11,
  offsetEnd: 12,
  epochStart: 13,
  epochEnd: 14,
  /** Client: the greeting has been read. Stays from message to message. */
  greeted: 15,
} as const;

const Phase = { Head: 0, Body: 1, Complete: 2 } as const;

const cr = 0x0d;
const lf = 0x0a;
const space = 0x20;
const del = 0x7f;
/** Above any limit, and one more of it is still a 32-bit integer. */
const hugeSize = 2 ** 31 - 2;

export class MessageReader {
  /** After `Failed`. */
  failure: FailureCode | null = null;
  readonly state: ConnectionState;
  readonly #input: Input;
  readonly #isServer: boolean;
  readonly #maxHeadBytes: number;
  readonly #maxMessageBytes: number;
  #private: Int32Array | null = null;

  constructor(role: 'server' | 'client', input: Input, { maxMessageBytes }: CommandLimits) {
    this.#isServer = role === 'server';
    this.#input = input;
    this.#maxMessageBytes = maxMessageBytes;
    this.#maxHeadBytes = Math.min(maxMessageBytes, headBytes);
    this.state = new ConnectionState(this.#maxHeadBytes);
  }

  /** Reads on. `Message`: one is complete in the buffer, until `release`. The greeting counts as one, of one line. */
  next(): ReadCode {
    const input = this.#input;
    if (input.pos === input.end) return Read.NeedData;
    const state = (this.#private ??= this.state.allocate());
    if (state[place.phase] === Phase.Head) {
      const wrong = this.#readHead(state, input);
      if (wrong !== null) {
        this.failure = wrong;
        return Read.Failed;
      }
    }
    if (state[place.phase] === Phase.Body) this.#readBody(state, input);
    return state[place.phase] === Phase.Complete ? Read.Message : Read.NeedData;
  }

  /** Lets go of the message that was given out, if there is one. */
  release(): void {
    if (this.#place(place.phase) === Phase.Complete) this.#begin();
  }

  /** Lets go of what there is of a message, complete or not. */
  drop(): void {
    if (this.#private !== null) this.#begin();
  }

  // The message in the buffer

  /** No message is in the buffer, nor any part of one. */
  get isIdle(): boolean {
    return this.heldBytes === 0;
  }

  /** Bytes of the message that are in the buffer. */
  get heldBytes(): number {
    return this.#place(place.filled);
  }

  get kind(): KindCode {
    return this.#place(place.kind) as KindCode;
  }

  /** Where the first line ends, without its CR LF. */
  get startLineEnd(): number {
    return this.#place(place.startLineEnd);
  }

  /** Where the body begins. */
  get headEnd(): number {
    return this.#place(place.headEnd);
  }

  get hasSequence(): boolean {
    return this.#place(place.sequenceStart) > 0;
  }

  /** Empty where there is none. */
  get sequence(): string {
    return textOf(this.state.message, this.#place(place.sequenceStart), this.#place(place.sequenceEnd));
  }

  /** Only for a message that has one. */
  get offset(): number {
    return decimalOf(this.state.message, this.#place(place.offsetStart), this.#place(place.offsetEnd));
  }

  /** Empty where there is none. */
  get epoch(): string {
    return textOf(this.state.message, this.#place(place.epochStart), this.#place(place.epochEnd));
  }

  /** There is one line of a message, `ERR: <text>`, and nothing behind it. */
  get isFailureLine(): boolean {
    const filled = this.#place(place.filled);
    return this.kind === Kind.Failure && filled === this.startLineEnd + 2;
  }

  #place(at: number): number {
    const state = this.#private;
    return state === null ? 0 : state[at];
  }

  #begin(): void {
    (this.#private as Int32Array).fill(0, 0, place.greeted);
    this.state.shrink();
  }

  // Heads

  #readHead(state: Int32Array, input: Input): FailureCode | null {
    const { bytes, end } = input;
    const { message } = this.state;
    const limit = this.#maxHeadBytes;
    let pos = input.pos;
    let filled = state[place.filled];
    let afterCr = state[place.afterCr];
    let lineBits = state[place.lineBits];
    let wrong: FailureCode | null = null;
    while (pos < end) {
      if (filled === limit) return 'messageTooLarge';
      const byte = bytes[pos++];
      message[filled++] = byte;
      if (afterCr === 0) {
        if (byte >= space && byte !== del) {
          lineBits |= byte;
          continue;
        }
        if (byte !== cr) return byte === lf ? 'bareLf' : 'controlByte';
        afterCr = 1;
        continue;
      }
      if (byte !== lf) return 'bareCr';
      wrong = this.#endLine(state, message, filled, lineBits);
      if (wrong !== null || state[place.phase] !== Phase.Head) break;
      afterCr = 0;
      lineBits = 0;
    }
    input.pos = pos;
    state[place.filled] = filled;
    state[place.afterCr] = afterCr;
    state[place.lineBits] = lineBits;
    return wrong;
  }

  /** A line is complete, its CR LF included. */
  #endLine(state: Int32Array, message: Uint8Array, filled: number, lineBits: number): FailureCode | null {
    const start = state[place.lineStart];
    const end = filled - 2;
    state[place.lineStart] = filled;
    if (lineBits >= 0x80 && !isUtf8(message, start, end)) return 'invalidUtf8';
    if (start === 0) return this.#endStartLine(state, message, end);
    if (start < end) return this.#endHeaderLine(state, message, start, end);
    state[place.headEnd] = filled;
    return this.#endHead(state);
  }

  #endStartLine(state: Int32Array, message: Uint8Array, end: number): FailureCode | null {
    state[place.startLineEnd] = end;
    if (this.#isServer) {
      state[place.kind] = Kind.Request;
      return hasCommand(message, 0, end) ? null : 'missingCommand';
    }
    const kind = kindOf(message, 0, end);
    state[place.kind] = kind;
    if (state[place.greeted] !== 0) return kind === Kind.None ? 'invalidReply' : null;
    if (kind !== Kind.Ok && kind !== Kind.Failure) return 'invalidGreeting';
    state[place.greeted] = 1;
    state[place.headEnd] = end + 2;
    state[place.phase] = Phase.Complete;
    return null;
  }

  #endHeaderLine(state: Int32Array, message: Uint8Array, start: number, end: number): FailureCode | null {
    const colon = colonOf(message, start, end);
    if (colon < 0) return 'invalidHeader';
    const header = headerOf(message, start, colon);
    if (header === Header.Other) return null;
    const from = skipSpaces(message, colon + 1, end);
    const to = trimSpaces(message, from, end);
    switch (header) {
      case Header.Size: {
        if (state[place.size] !== 0) return 'repeatedHeader';
        const size = decimalOf(message, from, to);
        state[place.size] = Math.min(size, hugeSize) + 1;
        return size < 0 ? 'invalidSize' : null;
      }
      case Header.Sequence:
        return this.#keep(state, place.sequenceStart, from, to) ? (isSequence(message, from, to) ? null : 'invalidSequence') : 'repeatedHeader';
      case Header.Offset: {
        if (!this.#keep(state, place.offsetStart, from, to)) return 'repeatedHeader';
        const offset = decimalOf(message, from, to);
        return offset < 0 || offset === Number.POSITIVE_INFINITY ? 'invalidOffset' : null;
      }
      default:
        return this.#keep(state, place.epochStart, from, to) ? null : 'repeatedHeader';
    }
  }

  /** Notes where a value is; false if one was noted before. */
  #keep(state: Int32Array, at: number, from: number, to: number): boolean {
    if (state[at] !== 0) return false;
    state[at] = from;
    state[at + 1] = to;
    return true;
  }

  #endHead(state: Int32Array): FailureCode | null {
    const kind = state[place.kind];
    const hasSequence = state[place.sequenceStart] !== 0;
    // An ERR without Sequence is about the connection, as GAP and BYE are; whatever else these have does not matter.
    if (!hasSequence && (kind === Kind.Request || kind === Kind.Ok)) return 'missingSequence';
    if (kind === Kind.Publication && state[place.offsetStart] === 0) return 'missingOffset';
    if (state[place.size] === 0) {
      if (kind === Kind.Ok || kind === Kind.Publication || (kind === Kind.Failure && hasSequence)) return 'missingSize';
      state[place.size] = 1;
    }
    const size = state[place.size] - 1;
    if (state[place.headEnd] + size > this.#maxMessageBytes) return 'messageTooLarge';
    state[place.phase] = size === 0 ? Phase.Complete : Phase.Body;
    return null;
  }

  // Bodies

  #readBody(state: Int32Array, input: Input): void {
    const filled = state[place.filled];
    const total = state[place.headEnd] + state[place.size] - 1;
    const until = Math.min(total, filled + input.end - input.pos);
    this.state.grow(until, total, filled);
    copyInto(input.bytes, input.pos, this.state.message, filled, until - filled);
    input.pos += until - filled;
    state[place.filled] = until;
    if (until === total) state[place.phase] = Phase.Complete;
  }
}

/** Few bytes are copied faster one by one than by `set`, which needs a view. */
function copyInto(from: Uint8Array, start: number, into: Uint8Array, at: number, length: number): void {
  if (length > 64) into.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) into[at + i] = from[start + i];
}
