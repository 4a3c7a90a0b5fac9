// The WebSocket engine: bytes in, messages out, frames into brigades. No socket, no timer, no promise.
//
// `next()` alternates between two stages, the head of a frame and its payload. A head that is cut is gathered in a small array of our own
// and read from there, so there is one reading of it. A payload is unmasked where it lies; a control frame's is given out when it is whole, a
// data frame's goes piece by piece to the incoming message (incoming.ts), which says when it is complete or wrong. What is sent takes
// its way through sender.ts.
//
// Unread bytes lie in at most two regions, our own first (after `setaside()`), then the lent one.

import { Brigade, type Bucket, type Pool } from '@sluice/brigade';
import { CloseCode } from './closeCodes.ts';
import { checkClosePayload, readCloseCode } from './closePayload.ts';
import type { DeflateSettings } from './deflate.ts';
import { failures, UsageError, type FailureCode, type ProtocolFailure } from './failure.ts';
import {
  finBit,
  headerBytesOf,
  lengthBits,
  lengthCeiling,
  lengthNotMinimal,
  lengthOutOfRange,
  maskBit,
  maxHeaderBytes,
  opcodeBits,
  readKey,
  readLength,
  rsv1Bit,
  rsvBits,
} from './frameHeader.ts';
import { Incoming } from './incoming.ts';
import { Inflation } from './inflation.ts';
import { applyMask, turnKey } from './mask.ts';
import { Opcode, WebSocketEvent, type MessageOpcode, type Role, type WebSocketEventCode } from './opcodes.ts';
import { Sender } from './sender.ts';
import { decodeUtf8 } from './utf8.ts';

export interface WebSocketLimits {
  /** The longest message taken, after inflation. Default 1 MiB, at most 1 GiB. */
  readonly maxMessageBytes: number;
  /** The most frames a message may be cut into. Default 16,384. */
  readonly maxFragments: number;
}

export interface WebSocketEngineOptions {
  readonly role: Role;
  /** The connection's pool: `output` and `controlOutput` draw on it, and with it the engine lets go of what it holds. */
  readonly pool: Pool;
  readonly limits?: Partial<WebSocketLimits>;
  /** What the handshake agreed on for permessage-deflate; without it the extension is off. */
  readonly deflate?: DeflateSettings | null;
  /** A client's source of masking keys: unpredictable 32-bit integers (RFC 6455, section 5.3). */
  readonly maskKey?: () => number;
}

/** `sent`: our close frame is out and the peer's is awaited. */
export type CloseState = 'open' | 'sent' | 'closed' | 'failed';

const { NeedData, Message, Ping, Pong, Close, Closed, Failed } = WebSocketEvent;
const { Continuation } = Opcode;
const nothing = new Uint8Array(0);
const defaultMaxMessageBytes = 1024 * 1024;
const largestMaxMessageBytes = 1024 * 1024 * 1024;
const defaultMaxFragments = 16_384;
/** Pongs that may wait unsent; over this only the latest ping is answered, as section 5.5.3 allows. */
const maxWaitingPongBytes = 4096;

export class WebSocketEngine {
  readonly role: Role;
  /** Messages, pings and the close frame, in the order of the calls. */
  readonly output: Brigade;
  /** Pongs to the peer's pings. Goes out before `output`, between two of its frames. */
  readonly controlOutput: Brigade;

  /** Of the current Message: text (1) or binary (2). */
  opcode: MessageOpcode = Opcode.Text;
  /** Of the current Message, Ping or Pong: the payload is `data[dataStart, dataEnd)`. May be changed in place. */
  data: Uint8Array = nothing;
  dataStart = 0;
  dataEnd = 0;
  /** The code in the peer's close frame, 1005 if it had none; 1006 if the peer left without; 0 before. */
  closeCode = 0;
  /** The reason in the peer's close frame. */
  closeReason = '';
  failure: ProtocolFailure | null = null;

  // Unread bytes: [pos, end) of the current region, then the lent one behind it if the current one is our own.
  #bytes: Uint8Array = nothing;
  #pos = 0;
  #end = 0;
  #ownBytes = false;
  #behind: Uint8Array = nothing;
  #behindStart = 0;
  #behindEnd = 0;
  #ended = false;
  /** Closed or Failed once that is the answer for good, else 0. */
  #finished: WebSocketEventCode = NeedData;

  // The frame at hand.
  #inPayload = false;
  #cutHeader: Uint8Array | null = null;
  #cutHeaderBytes = 0;
  #first = 0;
  #left = 0;
  #key = 0;
  /** A control frame's payload that was cut. */
  #control: Uint8Array | null = null;
  #controlBytes = 0;

  /** The message given out last lies in memory of our own, to be given back. */
  #assembled = false;

  readonly #maskExpected: number;
  readonly #inflation: Inflation | null;
  readonly #incoming: Incoming;
  readonly #sender: Sender;

  /** @throws UsageError a client without `maskKey`, or limits out of range */
  constructor(options: WebSocketEngineOptions) {
    const { role, pool, limits, deflate = null, maskKey } = options;
    this.role = role;
    this.output = new Brigade(pool);
    this.controlOutput = new Brigade(pool);
    this.#maskExpected = role === 'server' ? maskBit : 0;
    const maxMessageBytes = limits?.maxMessageBytes ?? defaultMaxMessageBytes;
    const maxFragments = limits?.maxFragments ?? defaultMaxFragments;
    if (!Number.isInteger(maxMessageBytes) || maxMessageBytes < 0 || maxMessageBytes > largestMaxMessageBytes) {
      throw new UsageError('optionInvalid', `maxMessageBytes is 0 to ${largestMaxMessageBytes}, not ${maxMessageBytes}`);
    }
    if (!Number.isInteger(maxFragments) || maxFragments < 1 || maxFragments > lengthCeiling) {
      throw new UsageError('optionInvalid', `maxFragments is a positive integer, not ${maxFragments}`);
    }
    if (role === 'client' && maskKey === undefined) throw new UsageError('optionInvalid', 'a client needs a source of masking keys');
    this.#inflation = deflate === null ? null : new Inflation(deflate, role);
    this.#incoming = new Incoming(maxMessageBytes, maxFragments, this.#inflation);
    this.#sender = new Sender(this.output, role === 'client' ? (maskKey ?? null) : null, deflate);
    if (deflate !== null) {
      pool.onDestroy(() => {
        this.#sender.shut();
        this.#inflation?.close();
      });
    }
  }

  // Receiving

  /**
   * Lends the engine `bytes[start, end)`, which it unmasks in place. They must not change until `next()` has answered
   * `NeedData` or `setaside()` was called.
   * @throws UsageError bytes lent before are still unread
   */
  receive(bytes: Uint8Array, start: number, end: number): void {
    if (this.#finished !== NeedData || start === end) return;
    if (this.#pos === this.#end) {
      this.#bytes = bytes;
      this.#pos = start;
      this.#end = end;
      this.#ownBytes = false;
      return;
    }
    if (!this.#ownBytes || this.#behindStart !== this.#behindEnd) throw new UsageError('unreadBytes', 'bytes lent before are still unread');
    this.#behind = bytes;
    this.#behindStart = start;
    this.#behindEnd = end;
  }

  /** The peer will send no more. */
  receiveEnd(): void {
    this.#ended = true;
  }

  /** Moves on to the next event and answers its code; its details are fields of the engine until the following call. */
  next(): WebSocketEventCode {
    if (this.#assembled) {
      this.#assembled = false;
      this.#incoming.giveBack();
    }
    for (;;) {
      if (this.#finished !== NeedData) return this.#finished;
      if (!this.#inPayload && !this.#readHeader()) {
        if (this.#finished !== NeedData || this.#turnToBehind()) continue;
        return this.#needData();
      }
      const event = this.#first & 0x08 ? this.#readControl() : this.#readData();
      if (event !== NeedData) return event;
      if (this.#inPayload && this.#finished === NeedData && !this.#turnToBehind()) return this.#needData();
    }
  }

  /** Copies what is unread into memory of the engine's own, so that the lent bytes may change. */
  setaside(): void {
    const unread = this.#end - this.#pos;
    const behind = this.#behindEnd - this.#behindStart;
    if ((unread === 0 || this.#ownBytes) && behind === 0) return;
    const own = new Uint8Array(unread + behind);
    own.set(this.#bytes.subarray(this.#pos, this.#end));
    own.set(this.#behind.subarray(this.#behindStart, this.#behindEnd), unread);
    this.#bytes = own;
    this.#pos = 0;
    this.#end = own.length;
    this.#ownBytes = true;
    this.#dropBehind();
  }

  /** How many bytes of memory the engine itself holds: what was set aside, and the message being assembled. */
  get heldBytes(): number {
    const cut = (this.#cutHeader === null ? 0 : maxHeaderBytes) + (this.#control === null ? 0 : this.#control.length);
    return this.#incoming.heldBytes + cut + (this.#ownBytes ? this.#bytes.length : 0);
  }

  // Sending

  /**
   * Sends text, `bytes[start, end)`, which must be UTF-8. Copied, compressed if that was agreed and it is long enough.
   * @throws UsageError after our close frame, or inside a fragmented message; so do all sends of data
   */
  sendText(bytes: Uint8Array, start: number, end: number): void {
    this.#sender.sendMessage(Opcode.Text, bytes, start, end);
  }

  sendBinary(bytes: Uint8Array, start: number, end: number): void {
    this.#sender.sendMessage(Opcode.Binary, bytes, start, end);
  }

  /** `sendText` or `sendBinary`, by opcode. The bytes may be the current Message's `data`. */
  sendMessage(opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): void {
    this.#sender.sendMessage(opcode, bytes, start, end);
  }

  /**
   * Sends a message piece by piece: the first with its opcode, those after with `Opcode.Continuation`, the last with `fin`.
   * Pings, pongs and the close frame may go in between.
   */
  sendFrame(opcode: MessageOpcode | 0, bytes: Uint8Array, start: number, end: number, fin: boolean): void {
    this.#sender.sendFrame(opcode, bytes, start, end, fin);
  }

  /** Sends a frame made by `encodeSharedFrame` or `encodeSharedDeflatedFrame`; takes one more reference to it. Server only. */
  sendShared(frame: Bucket): void {
    this.#sender.sendShared(frame);
  }

  /** Sends a ping with up to 125 bytes of payload, behind what is queued. */
  sendPing(bytes: Uint8Array = nothing, start = 0, end: number = bytes.length): void {
    this.#sender.sendControl(this.output, Opcode.Ping, bytes, start, end);
  }

  /** Sends a pong nobody asked for (section 5.5.3). Pings are answered by the engine. */
  sendPong(bytes: Uint8Array = nothing, start = 0, end: number = bytes.length): void {
    this.#sender.sendControl(this.output, Opcode.Pong, bytes, start, end);
  }

  /**
   * Begins the closing handshake: a close frame behind what is queued. Without a code it is empty. Nothing happens if one was sent.
   * @throws UsageError a code that may not be sent, or a reason over 123 bytes
   */
  close(code: number | null = CloseCode.Normal, reason = ''): void {
    this.#sender.close(code, reason);
  }

  get closeState(): CloseState {
    if (this.#finished === Failed) return 'failed';
    if (this.#finished === Closed) return 'closed';
    return this.#sender.closed ? 'sent' : 'open';
  }

  /** Base-2 logarithm of the peer's inflate window, 0 without compression: which compressed shared frames it can take. */
  get deflateWindowBits(): number {
    return this.#sender.windowBits;
  }

  // The head of a frame

  /** Reads the head if it is all there. `false`: it is not, or it is wrong (then finished). */
  #readHeader(): boolean {
    const available = this.#end - this.#pos;
    if (this.#cutHeader === null) {
      if (available >= 2) {
        const bytes = this.#bytes;
        const pos = this.#pos;
        if (!this.#checkStart(bytes[pos], bytes[pos + 1])) return false;
        const headerBytes = headerBytesOf(bytes[pos + 1]);
        if (available >= headerBytes) {
          this.#pos = pos + headerBytes;
          return this.#beginFrame(bytes, pos, headerBytes);
        }
      }
      if (available === 0) return false;
      this.#cutHeader = new Uint8Array(maxHeaderBytes);
      this.#cutHeaderBytes = 0;
    }
    return this.#readCutHeader(this.#cutHeader);
  }

  #readCutHeader(cut: Uint8Array): boolean {
    while (this.#pos < this.#end) {
      cut[this.#cutHeaderBytes++] = this.#bytes[this.#pos++];
      if (this.#cutHeaderBytes < 2) continue;
      if (this.#cutHeaderBytes === 2 && !this.#checkStart(cut[0], cut[1])) return false;
      const headerBytes = headerBytesOf(cut[1]);
      if (this.#cutHeaderBytes < headerBytes) continue;
      this.#cutHeader = null;
      return this.#beginFrame(cut, 0, headerBytes);
    }
    return false;
  }

  /** What the first two bytes say already (sections 5.1, 5.2, 5.4, 5.5). */
  #checkStart(first: number, second: number): boolean {
    if ((second & maskBit) !== this.#maskExpected) return this.#fail(this.#maskExpected === 0 ? 'frameMasked' : 'frameNotMasked');
    const opcode = first & opcodeBits;
    const rsv = first & rsvBits;
    if (rsv !== 0 && (rsv !== rsv1Bit || this.#inflation === null || opcode === Continuation || opcode > Opcode.Binary)) {
      return this.#fail('reservedBits');
    }
    if (opcode <= Opcode.Binary) {
      if ((opcode === Continuation) === (this.#incoming.opcode !== 0)) return true;
      return this.#fail(opcode === Continuation ? 'continuationUnexpected' : 'continuationExpected');
    }
    if (opcode < Opcode.Close || opcode > Opcode.Pong) return this.#fail('reservedOpcode');
    if ((first & finBit) === 0) return this.#fail('controlFragmented');
    return (second & lengthBits) > 125 ? this.#fail('controlTooLong') : true;
  }

  #beginFrame(bytes: Uint8Array, at: number, headerBytes: number): boolean {
    const first = bytes[at];
    const length = readLength(bytes, at);
    if (length === lengthNotMinimal) return this.#fail('lengthNotMinimal');
    if (length === lengthOutOfRange) return this.#fail('lengthOutOfRange');
    if ((first & 0x08) === 0) {
      const opcode = first & opcodeBits;
      if (opcode !== Continuation) this.#incoming.begin(opcode as MessageOpcode, (first & rsv1Bit) !== 0);
      const wrong = this.#incoming.admit(length);
      if (wrong !== null) return this.#fail(wrong);
    }
    this.#first = first;
    this.#left = length;
    this.#key = this.#maskExpected === 0 ? 0 : readKey(bytes, at + headerBytes - 4);
    this.#inPayload = true;
    return true;
  }

  // Payloads

  /** Goes on with the payload of a data frame. NeedData: no event yet; the frame is over if `#inPayload` is false. */
  #readData(): WebSocketEventCode {
    const bytes = this.#bytes;
    const start = this.#pos;
    const left = this.#left;
    const available = this.#end - start;
    const size = left < available ? left : available;
    const end = start + size;
    const high = this.#maskExpected === 0 ? 1 : applyMask(bytes, start, end, this.#key);
    this.#pos = end;
    this.#left = left - size;
    const frameEnds = left === size;
    if (frameEnds) this.#inPayload = false;
    else this.#key = turnKey(this.#key, size);
    const last = frameEnds && (this.#first & finBit) !== 0;
    const incoming = this.#incoming;
    const wrong = incoming.take(bytes, start, end, left - size, last, high === 0);
    if (wrong !== null) return this.#failed(wrong);
    if (!last) return NeedData;
    this.opcode = incoming.opcode as MessageOpcode;
    incoming.opcode = 0;
    this.data = incoming.data;
    this.dataStart = incoming.dataStart;
    this.dataEnd = incoming.dataEnd;
    this.#assembled = incoming.heldBytes > 0;
    return Message;
  }

  /** Goes on with the payload of a control frame. */
  #readControl(): WebSocketEventCode {
    const start = this.#pos;
    const left = this.#left;
    const available = this.#end - start;
    if (this.#control === null && available >= left) {
      const end = start + left;
      this.#pos = end;
      this.#inPayload = false;
      if (this.#maskExpected !== 0) applyMask(this.#bytes, start, end, this.#key);
      return this.#giveControl(this.#bytes, start, end);
    }
    if (this.#control === null) {
      this.#control = new Uint8Array(left);
      this.#controlBytes = 0;
    }
    const control = this.#control;
    while (this.#pos < this.#end && this.#controlBytes < control.length) control[this.#controlBytes++] = this.#bytes[this.#pos++];
    if (this.#controlBytes < control.length) return NeedData;
    this.#inPayload = false;
    this.#control = null;
    if (this.#maskExpected !== 0) applyMask(control, 0, control.length, this.#key);
    return this.#giveControl(control, 0, control.length);
  }

  #giveControl(bytes: Uint8Array, start: number, end: number): WebSocketEventCode {
    const opcode = this.#first & opcodeBits;
    if (opcode === Opcode.Close) return this.#readClose(bytes, start, end);
    this.data = bytes;
    this.dataStart = start;
    this.dataEnd = end;
    if (opcode === Opcode.Pong) return Pong;
    if (!this.#sender.closed) {
      const waiting = this.controlOutput;
      if (waiting.length > maxWaitingPongBytes) waiting.consume(waiting.length);
      this.#sender.sendControl(waiting, Opcode.Pong, bytes, start, end);
    }
    return Ping;
  }

  #readClose(bytes: Uint8Array, start: number, end: number): WebSocketEventCode {
    const wrong = checkClosePayload(bytes, start, end);
    if (wrong !== null) return this.#failed(wrong);
    const code = start === end ? null : readCloseCode(bytes, start);
    this.closeCode = code ?? CloseCode.NoStatus;
    if (code !== null) this.closeReason = decodeUtf8(bytes, start + 2, end);
    this.#sender.close(code, '');
    this.#finish(Closed);
    return Close;
  }

  // Endings

  #needData(): WebSocketEventCode {
    this.#forgetEvent();
    if (!this.#ended) return NeedData;
    this.closeCode = CloseCode.Abnormal;
    this.#sender.shut();
    this.#finish(Closed);
    return Closed;
  }

  /** For use where a boolean is due: always false. */
  #fail(code: FailureCode): false {
    this.#failed(code);
    return false;
  }

  #failed(code: FailureCode): WebSocketEventCode {
    const failure = failures[code];
    this.failure = failure;
    this.#sender.close(failure.closeCode, failure.reason);
    this.#finish(Failed);
    return Failed;
  }

  #finish(event: WebSocketEventCode): void {
    this.#finished = event;
    this.#forgetEvent();
    this.#bytes = nothing;
    this.#pos = 0;
    this.#end = 0;
    this.#ownBytes = false;
    this.#dropBehind();
    this.#cutHeader = null;
    this.#control = null;
    this.#incoming.giveBack();
    this.#inflation?.close();
  }

  /** A quiet engine keeps no buffer of its caller's alive. */
  #forgetEvent(): void {
    this.#incoming.forget();
    this.data = nothing;
    this.dataStart = 0;
    this.dataEnd = 0;
  }

  /** Goes on to the lent region when our own is used up. `false`: there is none. */
  #turnToBehind(): boolean {
    if (this.#pos !== this.#end) return true;
    this.#bytes = this.#behind;
    this.#pos = this.#behindStart;
    this.#end = this.#behindEnd;
    this.#ownBytes = false;
    this.#dropBehind();
    return this.#pos !== this.#end;
  }

  #dropBehind(): void {
    this.#behind = nothing;
    this.#behindStart = 0;
    this.#behindEnd = 0;
  }
}
