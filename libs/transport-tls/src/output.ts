// What waits to be encrypted, and the one piece that is on its way.
//
//     append ─▶ queue ─▶ piece of up to 64 KiB ─▶ target ─▶ its word that the piece has left ─▶ marks behind it, next piece
//
// The piece stays at the head of the queue until it has left; so do files and streams, which are read when it is their turn. What can
// leave at once does not see the queue: it goes to the target straight from the caller's brigade.
//
//     queuedBytes = bytes of known length in the queue; bytesOut + queuedBytes = all that was appended, and read from streams

import { read } from 'node:fs';
import { Brigade, type Bucket, fileHandle, fileType, type Pool, streamSource } from '@sluice/brigade';
import { TransportError } from '@sluice/transport';
import { copyInto } from './copying.ts';
import { sourceFailure } from './failures.ts';

const largestPiece = 65_536;

/** What encrypts a piece and passes it on. It calls nobody back from inside these. */
export interface PieceTarget {
  /** `send` may answer true. */
  readonly immediate: boolean;
  /** Where the next piece is put together: memory for at least `length` bytes, from 0 on. */
  room(length: number): Uint8Array;
  /** Sends `length` bytes of it. True when they have left; otherwise `Output.pieceLeft` is to be called, from the event loop, when they have. */
  send(length: number): boolean;
  /** The same for a piece that lies elsewhere. */
  sendBytes(piece: Uint8Array): boolean;
}

export interface OutputOwner {
  /** Some of it has left. */
  onOutput(): void;
  /** All of it has left, and `finish` was asked for. */
  onDrained(): void;
  /** A file or stream did not keep its promise. The owner calls `end` before it returns. */
  onSourceFailure(error: TransportError): void;
}

export class Output {
  queuedBytes = 0;
  bytesOut = 0;
  readonly #owner: OutputOwner;
  readonly #queue: Brigade;
  /** Will never leave: its SENT marks wait to be told. */
  readonly #dropped: Brigade;
  #reason: Error | null = null;
  #target: PieceTarget | null = null;
  /** Length of the piece that is on its way. */
  #inFlight = 0;
  /** For a file or a stream to be read. */
  #waiting = false;
  #consuming = false;
  #advanceAsked = false;
  #finishing = false;
  #over = false;

  constructor(pool: Pool, owner: OutputOwner) {
    this.#owner = owner;
    this.#queue = new Brigade(pool);
    this.#dropped = new Brigade(pool);
  }

  /** Nothing waits, nothing is on its way. */
  get isIdle(): boolean {
    return this.#queue.isEmpty;
  }

  /** From now on it can leave. For the event loop. */
  open(target: PieceTarget): void {
    this.#target = target;
    this.#advance();
  }

  /** The piece that was sent has left. For the event loop. */
  pieceLeft(): void {
    if (this.#over || this.#inFlight === 0) return;
    const piece = this.#inFlight;
    this.#inFlight = 0;
    this.#left(piece);
    this.#advance();
    if (!this.#over) this.#owner.onOutput();
  }

  /** Moves the buckets in. */
  append(brigade: Brigade): void {
    if (this.#over || this.#finishing) {
      brigade.setaside();
      this.#drop(brigade);
      return;
    }
    if (this.#target?.immediate === true && this.#queue.isEmpty && !this.#consuming) {
      this.#sendAtOnce(this.#target, brigade);
      if (brigade.isEmpty) return;
    }
    brigade.setaside();
    this.queuedBytes += knownBytes(brigade);
    this.#queue.concat(brigade);
    if (this.#target === null || this.#waiting || this.#consuming || this.#inFlight > 0) return;
    const head = this.#queue.first();
    if (head === null) return;
    // What may call back has to wait for the end of the current callback.
    if (head.bytes !== null && head.length > 0 && !this.#target.immediate) this.#sendMemory(this.#target);
    else this.#advanceSoon();
  }

  /** Nothing will be appended any more: `onDrained` comes after what was. */
  finish(): void {
    if (this.#finishing) return;
    this.#finishing = true;
    this.#advanceSoon();
  }

  /** Nothing more will leave. SENT marks hear of it at the end of the current callback, or by `tellDropped`. */
  end(reason: Error): void {
    this.#over = true;
    this.#target = null;
    this.#reason = reason;
    this.queuedBytes = 0;
    if (!this.#consuming) this.#drop(this.#queue);
  }

  /** For the event loop. */
  tellDropped(): void {
    this.#dropped.destroy(this.#reason ?? new TransportError('write', 'closed'));
  }

  readonly #tellDropped = (): void => this.tellDropped();

  readonly #advanceNow = (): void => {
    this.#advanceAsked = false;
    this.#advanceAndTell(this.bytesOut);
  };

  /** For what goes on by itself, without a piece's word. */
  #advanceAndTell(before: number): void {
    this.#advance();
    if (!this.#over && this.bytesOut > before) this.#owner.onOutput();
  }

  #left(piece: number): void {
    this.bytesOut += piece;
    this.queuedBytes -= piece;
    this.#consume(piece);
  }

  /**
   * Sends from the head of the caller's brigade as long as it leaves at once. A piece that does not stays there, for the queue; SENT
   * marks that were passed wait in the queue to be told.
   */
  #sendAtOnce(target: PieceTarget, brigade: Brigade): void {
    for (;;) {
      this.#pass(brigade, 0);
      const head = brigade.first();
      if (head === null || head.bytes === null) break;
      const length = gatherMemory(brigade, target);
      if (!target.send(length)) {
        this.#inFlight = length;
        break;
      }
      this.bytesOut += length;
      this.#pass(brigade, length);
    }
    if (!this.#queue.isEmpty && this.#inFlight === 0) this.#advanceSoon();
  }

  /** Drops so many bytes of memory, and the marks in front of them and behind. */
  #pass(brigade: Brigade, bytes: number): void {
    let left = bytes;
    for (let head = brigade.first(); head !== null; head = brigade.first()) {
      if (head.isMark) {
        brigade.shift();
        if (head.type.name === 'sent') this.#queue.append(head);
        else head.release();
        continue;
      }
      if (head.bytes === null || head.length > left) {
        if (left > 0) brigade.consume(left);
        return;
      }
      left -= head.length;
      brigade.shift();
      head.release();
    }
  }

  #drop(brigade: Brigade): void {
    if (brigade.isEmpty) return;
    if (this.#dropped.isEmpty) process.nextTick(this.#tellDropped);
    this.#dropped.concat(brigade);
  }

  #advanceSoon(): void {
    if (this.#advanceAsked) return;
    this.#advanceAsked = true;
    process.nextTick(this.#advanceNow);
  }

  /** Marks in front are told, and what follows is sent or waited for. */
  #advance(): void {
    for (;;) {
      if (this.#target === null || this.#waiting || this.#inFlight > 0) return;
      this.#consume(0);
      if (this.#isOver()) return;
      const head = this.#queue.first();
      if (head === null) {
        if (this.#finishing) this.#owner.onDrained();
        return;
      }
      if (head.bytes !== null) this.#sendMemory(this.#target);
      else if (head.type === fileType) this.#readFile(head);
      else this.#readStream(head);
    }
  }

  /** A SENT callback may append, which sends nothing out of turn, or end it all, which lets the bytes be consumed first. */
  #consume(bytes: number): void {
    this.#consuming = true;
    try {
      this.#queue.consume(bytes);
    } finally {
      this.#consuming = false;
      if (this.#over) this.#drop(this.#queue);
    }
  }

  #isOver(): boolean {
    return this.#over;
  }

  #sendMemory(target: PieceTarget): void {
    const length = gatherMemory(this.#queue, target);
    this.#sent(target.send(length), length);
  }

  #sent(left: boolean, length: number): void {
    if (left) this.#left(length);
    else this.#inFlight = length;
  }

  #readFile(file: Bucket): void {
    const handle = fileHandle(file);
    const piece = Buffer.allocUnsafe(Math.min(file.length, largestPiece));
    const finish = (error: unknown, got: number): void => {
      handle.release();
      this.#waiting = false;
      if (this.#over || this.#target === null) return;
      if (error !== null) this.#owner.onSourceFailure(sourceFailure(error));
      else if (got === 0) this.#owner.onSourceFailure(sourceFailure('the file ended before its bucket'));
      else this.#sent(this.#target.sendBytes(piece.subarray(0, got)), got);
    };
    handle.retain();
    this.#waiting = true;
    if (handle.fd >= 0) {
      read(handle.fd, piece, 0, piece.length, file.start, (error, got) => {
        const before = this.bytesOut;
        finish(error, got);
        this.#advanceAndTell(before);
      });
      return;
    }
    let got = 0;
    try {
      got = handle.source.readSync(piece, 0, piece.length, file.start);
    } catch (error) {
      finish(error, 0);
      return;
    }
    finish(null, got);
  }

  #readStream(stream: Bucket): void {
    try {
      const piece = this.#queue.read(0);
      if (piece === 'wouldBlock') {
        this.#waiting = true;
        streamSource(stream).onReadable(() => {
          this.#waiting = false;
          this.#advanceSoon();
        });
      } else if (typeof piece !== 'string') {
        this.queuedBytes += piece.length;
      }
    } catch (error) {
      this.#owner.onSourceFailure(sourceFailure(error));
    }
  }
}

function knownBytes(brigade: Brigade): number {
  if (brigade.length >= 0) return brigade.length;
  let bytes = 0;
  for (let index = 0; index < brigade.count; index++) bytes += Math.max(0, brigade.at(index).length);
  return bytes;
}

/** Puts the memory at the head of the brigade together, marks passed over, as much as makes one piece; answers its length. */
function gatherMemory(brigade: Brigade, target: PieceTarget): number {
  let length = 0;
  let buckets = 0;
  while (buckets < brigade.count && length < largestPiece) {
    const bucket = brigade.at(buckets);
    if (bucket.bytes === null && !bucket.isMark) break;
    length += bucket.length;
    buckets++;
  }
  length = Math.min(length, largestPiece);
  const room = target.room(length);
  let at = 0;
  for (let index = 0; index < buckets; index++) {
    const bucket = brigade.at(index);
    if (bucket.bytes === null) continue;
    const part = Math.min(bucket.length, length - at);
    copyInto(bucket.bytes, bucket.start, bucket.start + part, room, at);
    at += part;
  }
  return length;
}
