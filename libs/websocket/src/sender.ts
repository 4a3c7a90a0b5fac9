// The sending half of an engine: messages and control frames become frames at the end of a brigade.
//
// Every call appends whole frames, so between two calls a brigade always ends at a frame's boundary; that is what lets the driver put
// control frames in between. A server's frame is head and payload copied into the brigade's tail slab, a client's is masked there.
// Compression holds a deflater from first use on if the window is carried over, and only for a message if not.

import type { Brigade, Bucket } from '@sluice/brigade';
import { encodeClosePayload } from './closePayload.ts';
import { copyInto } from './copy.ts';
import type { Deflater, DeflateSettings } from './deflate.ts';
import { UsageError } from './failure.ts';
import { finBit, headerBytesFor, maskBit, rsv1Bit, writeHeader, writeKey } from './frameHeader.ts';
import { applyMask } from './mask.ts';
import { Opcode, type MessageOpcode } from './opcodes.ts';

/** Up to here a frame is reserved as one piece, head and payload. */
const onePieceBytes = 512;
/** A client's long payload is copied and masked in pieces of this many bytes; a multiple of 4, so the key need not be turned. */
const maskPieceBytes = 8 * 1024;
const defaultThresholdBytes = 1024;
const defaultLevel = 6;

export class Sender {
  /** Whether our close frame is in the output, or can no longer be. */
  closed = false;
  readonly #output: Brigade;
  readonly #maskKey: (() => number) | null;
  #fragmented = false;
  #fragmentsDeflated = false;

  readonly #deflate: DeflateSettings | null;
  readonly #windowBits: number;
  readonly #takeover: boolean;
  #deflater: Deflater | null = null;
  /** A message went out that our deflater knows nothing of: its window is not the peer's any more. */
  #windowStale = false;

  constructor(output: Brigade, maskKey: (() => number) | null, deflate: DeflateSettings | null) {
    this.#output = output;
    this.#maskKey = maskKey;
    this.#deflate = deflate;
    const server = maskKey === null;
    this.#windowBits = deflate === null ? 0 : server ? deflate.parameters.serverMaxWindowBits : deflate.parameters.clientMaxWindowBits;
    this.#takeover =
      deflate !== null && !(server ? deflate.parameters.serverNoContextTakeover : deflate.parameters.clientNoContextTakeover);
  }

  /** Base-2 logarithm of the largest window the peer inflates with, 0 without compression. */
  get windowBits(): number {
    return this.#windowBits;
  }

  sendMessage(opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): void {
    if (this.closed || this.#fragmented) this.#refuse();
    const deflate = this.#deflate;
    if (deflate !== null && end - start >= (deflate.thresholdBytes ?? defaultThresholdBytes)) {
      this.#sendDeflated(deflate, opcode, bytes, start, end);
    } else {
      this.#writeFrame(this.#output, finBit | opcode, bytes, start, end);
    }
  }

  sendFrame(opcode: MessageOpcode | 0, bytes: Uint8Array, start: number, end: number, fin: boolean): void {
    if (this.closed) this.#refuse();
    const first = opcode !== Opcode.Continuation;
    if (first === this.#fragmented) {
      if (first) this.#refuse();
      throw new UsageError('noMessageInProgress', 'a continuation needs a message that was begun');
    }
    if (first) this.#fragmentsDeflated = this.#deflate !== null;
    this.#fragmented = !fin;
    if (this.#deflate !== null && this.#fragmentsDeflated) {
      const deflater = this.#openDeflater(this.#deflate);
      const deflated = deflater.compress(bytes, start, end, fin);
      const head = (fin ? finBit : 0) | (first ? rsv1Bit : 0) | opcode;
      this.#writeFrame(this.#output, head, deflated, 0, deflated.length);
      if (fin) this.#endOfMessage(deflater);
    } else {
      this.#writeFrame(this.#output, (fin ? finBit : 0) | opcode, bytes, start, end);
    }
  }

  sendShared(frame: Bucket): void {
    if (this.closed || this.#fragmented) this.#refuse();
    if (this.#maskKey !== null) throw new UsageError('optionInvalid', 'a shared frame is not masked: only a server can send it');
    if (frame.bytes !== null && (frame.bytes[frame.start] & rsv1Bit) !== 0) {
      if (this.#deflate === null) throw new UsageError('optionInvalid', 'the peer did not agree to compression');
      this.#windowStale = true;
    }
    this.#output.append(frame.retain());
  }

  /** A ping or pong at the end of `brigade`. */
  sendControl(brigade: Brigade, opcode: 0x9 | 0xa, bytes: Uint8Array, start: number, end: number): void {
    if (this.closed) this.#refuse();
    if (end - start > 125) throw new UsageError('controlTooLong', 'a control frame carries 125 bytes at most');
    this.#writeFrame(brigade, finBit | opcode, bytes, start, end);
  }

  /** Our close frame, once; without a code an empty one. */
  close(code: number | null, reason: string): void {
    if (this.closed) return;
    const payload = encodeClosePayload(code, reason);
    this.#writeFrame(this.#output, finBit | Opcode.Close, payload, 0, payload.length);
    this.shut();
  }

  /** Nothing will be sent any more. */
  shut(): void {
    this.closed = true;
    this.#deflater?.close();
    this.#deflater = null;
  }

  #refuse(): never {
    if (this.closed) throw new UsageError('closed', 'the close frame has been sent, or the connection is over');
    throw new UsageError('messageInProgress', 'a fragmented message is not finished');
  }

  #writeFrame(brigade: Brigade, first: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const maskKey = this.#maskKey;
    if (maskKey !== null) {
      this.#writeMasked(brigade, first, bytes, start, end, maskKey());
      return;
    }
    const head = headerBytesFor(length, false);
    if (length <= onePieceBytes) {
      const at = brigade.reserve(head + length);
      const into = brigade.reserved;
      copyInto(bytes, start, end, into, writeHeader(into, at, first, 0, length));
    } else {
      const at = brigade.reserve(head);
      writeHeader(brigade.reserved, at, first, 0, length);
      brigade.write(bytes, start, end);
    }
  }

  #writeMasked(brigade: Brigade, first: number, bytes: Uint8Array, start: number, end: number, key: number): void {
    const length = end - start;
    const head = headerBytesFor(length, true);
    let piece = length < maskPieceBytes ? length : maskPieceBytes;
    let at = brigade.reserve(head + piece);
    let into = brigade.reserved;
    writeKey(into, writeHeader(into, at, first, maskBit, length), key);
    at += head;
    for (let from = start; ; ) {
      copyInto(bytes, from, from + piece, into, at);
      applyMask(into, at, at + piece, key);
      from += piece;
      if (from === end) return;
      piece = Math.min(maskPieceBytes, end - from);
      at = brigade.reserve(piece);
      into = brigade.reserved;
    }
  }

  #openDeflater(deflate: DeflateSettings): Deflater {
    const held = this.#deflater;
    if (held !== null) {
      if (this.#windowStale) held.reset();
      this.#windowStale = false;
      return held;
    }
    const made = deflate.factory.deflater({ windowBits: this.#windowBits, level: deflate.level ?? defaultLevel });
    this.#deflater = made;
    this.#windowStale = false;
    return made;
  }

  #sendDeflated(deflate: DeflateSettings, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): void {
    const deflater = this.#openDeflater(deflate);
    const deflated = deflater.compress(bytes, start, end, true);
    if (!this.#takeover && deflated.length >= end - start) {
      this.#writeFrame(this.#output, finBit | opcode, bytes, start, end);
    } else {
      this.#writeFrame(this.#output, finBit | rsv1Bit | opcode, deflated, 0, deflated.length);
    }
    this.#endOfMessage(deflater);
  }

  #endOfMessage(deflater: Deflater): void {
    if (this.#takeover) return;
    deflater.close();
    this.#deflater = null;
  }
}

