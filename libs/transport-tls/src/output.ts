// What waits to be encrypted, and the one piece that is on its way.
//
//     append ─▶ queue ─▶ piece of up to 64 KiB ─▶ secure stream ─▶ its word that the piece has left ─▶ marks behind it, next piece
//
// The piece stays at the head of the queue until it has left; so do files and streams, which are read when it is their turn.
//
//     queuedBytes = bytes of known length in the queue; bytesOut + queuedBytes = all that was appended, and read from streams

import { read } from 'node:fs';
import type { Writable } from 'node:stream';
import { Brigade, type Bucket, fileHandle, fileType, type Pool, streamSource } from '@sluice/brigade';
import { TransportError } from '@sluice/transport';
import { sourceFailure } from './failures.ts';

const largestPiece = 65_536;

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
  #stream: Writable | null = null;
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
  open(stream: Writable): void {
    this.#stream = stream;
    this.#advance();
  }

  /** Moves the buckets in. */
  append(brigade: Brigade): void {
    brigade.setaside();
    if (this.#over || this.#finishing) {
      this.#drop(brigade);
      return;
    }
    this.queuedBytes += knownBytes(brigade);
    this.#queue.concat(brigade);
    if (this.#stream === null || this.#waiting || this.#consuming || this.#inFlight > 0) return;
    const head = this.#queue.first();
    if (head === null) return;
    // What may call back has to wait for the end of the current callback.
    if (head.bytes !== null && head.length > 0) this.#sendMemory(this.#stream);
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
    this.#stream = null;
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
    this.#advance();
  };

  readonly #pieceLeft = (error?: Error | null): void => {
    if (error || this.#over) return;
    const piece = this.#inFlight;
    this.bytesOut += piece;
    this.queuedBytes -= piece;
    this.#consume(piece);
    this.#inFlight = 0;
    this.#advance();
    if (!this.#over) this.#owner.onOutput();
  };

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
      if (this.#stream === null || this.#waiting || this.#inFlight > 0) return;
      this.#consume(0);
      if (this.#isOver()) return;
      const head = this.#queue.first();
      if (head === null) {
        if (this.#finishing) this.#owner.onDrained();
        return;
      }
      if (head.bytes !== null) this.#sendMemory(this.#stream);
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

  #sendMemory(stream: Writable): void {
    this.#send(stream, leadingMemory(this.#queue));
  }

  #send(stream: Writable, piece: Uint8Array): void {
    this.#inFlight = piece.length;
    stream.write(piece, this.#pieceLeft);
  }

  #readFile(file: Bucket): void {
    const handle = fileHandle(file);
    const piece = Buffer.allocUnsafe(Math.min(file.length, largestPiece));
    const finish = (error: unknown, got: number): void => {
      handle.release();
      this.#waiting = false;
      if (this.#over || this.#stream === null) return;
      if (error !== null) this.#owner.onSourceFailure(sourceFailure(error));
      else if (got === 0) this.#owner.onSourceFailure(sourceFailure('the file ended before its bucket'));
      else this.#send(this.#stream, piece.subarray(0, got));
    };
    handle.retain();
    this.#waiting = true;
    if (handle.fd >= 0) {
      read(handle.fd, piece, 0, piece.length, file.start, finish);
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

/** A copy of the memory at the head of the queue, marks passed over, as much as makes one piece. */
function leadingMemory(queue: Brigade): Uint8Array {
  let length = 0;
  let buckets = 0;
  while (buckets < queue.count && length < largestPiece) {
    const bucket = queue.at(buckets);
    if (bucket.bytes === null && !bucket.isMark) break;
    length += bucket.length;
    buckets++;
  }
  const piece = Buffer.allocUnsafe(Math.min(length, largestPiece));
  let at = 0;
  for (let index = 0; index < buckets; index++) {
    const { bytes, start, length } = queue.at(index);
    if (bytes === null) continue;
    const part = Math.min(length, piece.length - at);
    piece.set(start === 0 && part === bytes.length ? bytes : bytes.subarray(start, start + part), at);
    at += part;
  }
  return piece;
}
