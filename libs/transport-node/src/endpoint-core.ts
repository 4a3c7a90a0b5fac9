// What every endpoint over Node does alike: the queue, the order of its buckets, the ways to end.
//
// Output goes to the kernel at once, straight from the caller's brigade. What the kernel does not take is moved to a queue,
// which exists only while something is left. One piece of the head of the queue is then in the hands of Node's stream, and the
// stream's word that it is written stands in for "writable again":
//
//     write ─▶ pump ─▶ memory | file | stream ─▶ taken at once: on with what is next
//                ▲                             └▶ not taken: a piece of it is submitted to the stream
//                └─────────── written ◀──────────────────────┘
//
// Invariants: waiting ≠ 0 ⇒ nothing is sent meanwhile; a submitted piece stays in the queue until it is written;
// bytesOut + queuedBytes = all that `write` was given. The end comes in two steps: `closing` (the platform was told, nothing is
// held any more), then the platform's word, `onClose`, once.

import { Brigade, type Bucket, fileHandle, fileType, type Pool, streamSource } from '@sluice/brigade';
import { TransportError, type Endpoint, type EndpointSink, type PeerAddress, type TransportOperation } from '@sluice/transport';
import type { Afterwards } from './afterwards.ts';
import { failureOfStatus, sourceFailure } from './failures.ts';
import { FileChunkReader } from './file-chunks.ts';
import { copyLeading, takeLeading } from './gatherer.ts';

/** What all endpoints of a transport share. */
export interface EndpointShare {
  /** Holds what waits to be written. */
  readonly pool: Pool;
  readonly afterwards: Afterwards;
  readonly files: FileChunkReader;
}

/** What became of a piece handed to the stream. Negative numbers are errnos. */
export const pieceWritten = 0;
export const pieceKept = 1;

/** Value of `waiting`: for something other than a piece of known length. */
const forSource = -1;

/** Answer of `sendFile`: the kernel cannot send this file itself. */
export const readInstead = -1;
/** Answer of `sendFile`: the file has ended early. */
export const fileEnded = -2;

/** How much of files leaves before other endpoints have their turn, in bytes. */
const turnBytes = 4 * 1024 * 1024;

export abstract class EndpointCore implements Endpoint {
  abstract readonly peer: PeerAddress;
  abstract readonly local: PeerAddress;
  bytesIn = 0;
  bytesOut = 0;
  protected sink: EndpointSink | null = null;
  protected reading = false;
  protected peerEnded = false;
  /** The platform has been told to close, or has closed by itself. */
  protected closing = false;
  private readonly shared: EndpointShare;
  /** What was read before the endpoint had the socket: it comes first. */
  private leftover: Uint8Array | null;
  private queue: Brigade | null = null;
  /** Bytes at the head of the queue that the stream has; `forSource`; or 0. */
  private waiting = 0;
  /** The file chunk that the stream has. */
  private chunk: Uint8Array | null = null;
  private shutdownAsked = false;
  private finSent = false;
  private failure: TransportError | null = null;

  constructor(shared: EndpointShare, leftover: Uint8Array | null) {
    this.shared = shared;
    this.leftover = leftover;
  }

  // ── what each kind of endpoint brings ───────────────────────────────────────────────────────────────────────────

  /** Tries to hand leading memory to the kernel; answers how many bytes it took, 0 to use the stream. */
  protected abstract sendMemory(brigade: Brigade): number;
  /** Tries to hand a file to the kernel; answers how many bytes it took, `readInstead`, `fileEnded`, or 0 to use the stream. */
  protected abstract sendFile(file: Bucket): number;
  /** The most that is submitted at a time, in bytes, when the kernel takes nothing. */
  protected abstract pieceBytes(): number;
  /** Hands a piece to the stream. Answers `pieceWritten`, or `pieceKept` if `written` will be called, or an errno. */
  protected abstract submit(piece: Uint8Array): number;
  /** FIN; `finished` or `fail` follows. */
  protected abstract finish(): void;
  /** Starts or stops reading from the platform. */
  protected abstract readBelow(wanted: boolean): void;
  /** Lets go of the socket; `closed` follows, from the event loop. */
  protected abstract closeBelow(reset: boolean): void;

  // ── the owner's side ────────────────────────────────────────────────────────────────────────────────────────────

  get queuedBytes(): number {
    return this.queue === null ? 0 : knownBytes(this.queue);
  }

  attach(sink: EndpointSink): void {
    this.sink = sink;
  }

  setReading(wanted: boolean): void {
    if (wanted === this.reading || this.closing) return;
    this.reading = wanted;
    if (this.leftover !== null) {
      if (wanted) process.nextTick(giveLeftover, this);
    } else if (!this.peerEnded) {
      this.readBelow(wanted);
    }
  }

  write(brigade: Brigade): void {
    if (this.closing || this.shutdownAsked) {
      this.drop(brigade);
      return;
    }
    if (this.queue === null) {
      this.pump(brigade);
      if (brigade.isEmpty) return;
      if (this.closing) {
        this.drop(brigade);
        return;
      }
      this.queue = new Brigade(this.shared.pool);
    }
    brigade.setaside();
    this.queue.concat(brigade);
  }

  shutdown(): void {
    if (this.closing || this.shutdownAsked) return;
    this.shutdownAsked = true;
    if (this.queue === null) this.finish();
  }

  close(): void {
    this.end(null, false);
  }

  abort(): void {
    this.end(null, true);
  }

  // ── the platform's side ─────────────────────────────────────────────────────────────────────────────────────────

  /** The submitted piece has left (0), or will not (an errno). */
  protected written(status: number): void {
    if (this.closing || this.queue === null) return;
    const piece = this.waiting;
    this.waiting = 0;
    if (status < 0) {
      this.fail('write', status);
      return;
    }
    this.took(this.queue, piece);
    this.resume();
  }

  /** Our FIN has left. */
  protected finished(): void {
    this.finSent = true;
    if (this.peerEnded) this.end(null, false);
  }

  /** The peer's FIN came, while reading was on. */
  protected ended(): void {
    this.peerEnded = true;
    this.sink?.onEnd();
    if (this.finSent) this.end(null, false);
  }

  protected fail(operation: TransportOperation, status: number): void {
    this.failWith(failureOfStatus(operation, status));
  }

  protected failWith(error: TransportError): void {
    this.end(error, false);
  }

  /** The platform has let go of the socket. */
  protected closed(): void {
    this.end(null, false); // where the platform began it
    const { sink } = this;
    this.sink = null;
    sink?.onClose(this.failure);
  }

  /** Gives the owner what was read before; then reading goes on below. */
  deliverLeftover(): void {
    const bytes = this.leftover;
    if (bytes === null || !this.reading || this.closing) return;
    this.leftover = null;
    this.bytesIn += bytes.length;
    this.sink?.onBytes(bytes, 0, bytes.length);
    if (this.reading && !this.closing) this.readBelow(true);
  }

  /** What was waited for, other than a piece, has come. */
  goOn(): void {
    if (this.closing) return;
    this.waiting = 0;
    this.resume();
  }

  // ── the queue ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends from the front until nothing is left, something has to be waited for, or the endpoint is closing. */
  private pump(brigade: Brigade): void {
    let fileBytes = 0;
    while (this.waiting === 0 && !this.closing) {
      const head = brigade.first();
      if (head === null) return;
      if (head.bytes !== null) {
        this.pumpMemory(brigade, head);
      } else if (head.type === fileType) {
        fileBytes += this.pumpFile(brigade, head);
        if (fileBytes >= turnBytes && this.waiting === 0) {
          this.waiting = forSource;
          setImmediate(goOn, this);
        }
      } else if (head.length < 0) {
        this.pumpStream(brigade, head);
      } else {
        takeLeading(brigade, 0, this.shared.afterwards);
      }
    }
  }

  private pumpMemory(brigade: Brigade, head: Bucket): void {
    if (head.length === 0) {
      takeLeading(brigade, 0, this.shared.afterwards);
      return;
    }
    const sent = this.sendMemory(brigade);
    if (sent > 0) this.took(brigade, sent);
    else this.pass(brigade, copyLeading(brigade, this.pieceBytes()));
  }

  /** Answers how many bytes left at once. */
  private pumpFile(brigade: Brigade, file: Bucket): number {
    const sent = this.sendFile(file);
    if (sent > 0) this.took(brigade, sent);
    else if (sent === 0) this.passFilePiece(brigade, file);
    else if (sent === fileEnded) this.abortWith(sourceFailure('the file ended early'));
    else this.readFile(file);
    return Math.max(sent, 0);
  }

  /** A small piece of a file, read on the spot: its way through the stream tells when the kernel takes more. */
  private passFilePiece(brigade: Brigade, file: Bucket): void {
    const piece = new Uint8Array(Math.min(file.length, this.pieceBytes()));
    let got = 0;
    try {
      got = fileHandle(file).source.readSync(piece, 0, piece.length, file.start);
    } catch (error) {
      this.abortWith(sourceFailure(error));
      return;
    }
    if (got > 0) this.pass(brigade, piece.subarray(0, got));
    else this.abortWith(sourceFailure('the file ended early'));
  }

  /** The next chunk of a file, read off the event loop's thread; one at a time, so memory stays bounded. */
  private readFile(file: Bucket): void {
    this.waiting = forSource;
    this.shared.files.read(fileHandle(file), file.start, file.length, (error, chunk) => {
      if (this.closing || this.queue === null) {
        this.shared.files.giveBack(chunk);
        return;
      }
      this.waiting = 0;
      this.chunk = chunk;
      if (error !== null) this.abortWith(sourceFailure(error));
      else if (chunk.length === 0) this.abortWith(sourceFailure('the file ended early'));
      else this.pass(this.queue, chunk);
      if (!this.closing && this.waiting === 0) this.resume();
    });
  }

  private pumpStream(brigade: Brigade, head: Bucket): void {
    try {
      if (brigade.read(0) !== 'wouldBlock') return; // bytes now stand in front of it, or it is at its end and gone
      this.waiting = forSource;
      streamSource(head).onReadable(() => process.nextTick(goOn, this));
    } catch (error) {
      this.abortWith(sourceFailure(error));
    }
  }

  /** Gives the stream a copy of the leading bytes. */
  private pass(brigade: Brigade, piece: Uint8Array): void {
    const status = this.submit(piece);
    if (status === pieceKept) this.waiting = piece.length;
    else if (status === pieceWritten) this.took(brigade, piece.length);
    else this.fail('write', status);
  }

  private took(brigade: Brigade, n: number): void {
    if (this.chunk !== null) {
      this.shared.files.giveBack(this.chunk);
      this.chunk = null;
    }
    this.bytesOut += n;
    takeLeading(brigade, n, this.shared.afterwards);
  }

  private resume(): void {
    if (this.queue === null) return;
    this.pump(this.queue);
    if (this.closing) return;
    if (this.queue.isEmpty) {
      this.queue = null;
      if (this.shutdownAsked) this.finish();
    }
    this.sink?.onProgress();
  }

  // ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Nobody may take what has left for the whole. */
  private abortWith(error: TransportError): void {
    this.end(error, true);
  }

  private end(failure: TransportError | null, reset: boolean): void {
    if (this.closing) return;
    this.closing = true;
    this.reading = false;
    this.failure = failure;
    this.leftover = null;
    this.chunk = null; // not given back: the stream may still be writing it
    if (this.queue !== null) this.drop(this.queue);
    this.queue = null;
    this.closeBelow(reset);
  }

  private drop(brigade: Brigade): void {
    this.shared.afterwards.drop(brigade, this.failure ?? new TransportError('write', 'closed'));
  }
}

function giveLeftover(endpoint: EndpointCore): void {
  endpoint.deliverLeftover();
}

function goOn(endpoint: EndpointCore): void {
  endpoint.goOn();
}

function knownBytes(brigade: Brigade): number {
  if (brigade.length >= 0) return brigade.length;
  let bytes = 0;
  for (let index = 0; index < brigade.count; index++) bytes += Math.max(brigade.at(index).length, 0);
  return bytes;
}
