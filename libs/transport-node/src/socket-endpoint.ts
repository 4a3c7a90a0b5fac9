// An endpoint on a public stream of Node's: net.Socket where handles are not to be had bare, TLSSocket, or any Duplex.
//
// Output leaves in pieces of up to 64 KiB, one at a time; the stream's callback tells that a piece has left. The stream's own
// buffers therefore hold one piece at most.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PeerAddress } from '@sluice/transport';
import { addressOf } from './addresses.ts';
import { EndpointCore, type EndpointShare, pieceKept, readInstead } from './endpoint-core.ts';
import { failureOf } from './failures.ts';

const pieceBytes = 65_536;

export class SocketEndpoint extends EndpointCore {
  readonly peer: PeerAddress;
  readonly local: PeerAddress;
  private readonly stream: Duplex;
  /** 'end' came while reading was off, or before the stream was ours. */
  private endPending: boolean;
  /** Both directions had ended, and the stream closed itself, before the end could be told. */
  private closePending = false;

  constructor(share: EndpointShare, stream: Duplex, leftover: Uint8Array | null) {
    super(share, leftover);
    this.stream = stream;
    this.endPending = stream.readableEnded;
    const socket = stream instanceof Socket ? stream : null;
    this.peer = addressOf(socket?.remoteAddress, socket?.remotePort);
    this.local = addressOf(socket?.localAddress, socket?.localPort);
    socket?.setNoDelay(true);
    socket?.setTimeout(0);
    stream.allowHalfOpen = true;
    stream.pause();
    stream.on('data', (bytes: Uint8Array) => this.hasRead(bytes));
    stream.on('end', () => this.hasEnded());
    stream.on('error', (error: Error) => this.failWith(failureOf(this.reading ? 'read' : 'write', error)));
    stream.on('close', () => this.hasClosed());
  }

  protected sendMemory(): number {
    return 0;
  }

  protected sendFile(): number {
    return readInstead;
  }

  protected pieceBytes(): number {
    return pieceBytes;
  }

  protected submit(piece: Uint8Array): number {
    this.stream.write(piece, (error) => {
      if (error) this.failWith(failureOf('write', error));
      else this.written(0);
    });
    return pieceKept;
  }

  protected finish(): void {
    this.stream.end((error?: Error | null) => {
      if (!error) this.finished();
    });
  }

  protected readBelow(wanted: boolean): void {
    if (!wanted) this.stream.pause();
    else if (this.endPending) process.nextTick(() => this.hasEnded());
    else this.stream.resume();
  }

  protected closeBelow(reset: boolean): void {
    const { stream } = this;
    if (this.closePending) process.nextTick(() => this.closed());
    if (!reset || !(stream instanceof Socket) || stream.constructor !== Socket || stream.destroyed) stream.destroy();
    else if (stream.writableEnded && !stream.writableFinished) stream.once('finish', () => stream.resetAndDestroy());
    else stream.resetAndDestroy(); // which must not be asked for while FIN is being sent: it would never close
  }

  private hasRead(chunk: Uint8Array): void {
    // A plain array, as from every other endpoint: a Buffer's `slice` does not copy.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    this.bytesIn += bytes.length;
    this.sink?.onBytes(bytes, 0, bytes.length);
  }

  private hasEnded(): void {
    if (this.closing) return;
    this.endPending = !this.reading;
    if (this.reading && !this.peerEnded) this.ended();
    if (this.closePending && !this.endPending && !this.closing) process.nextTick(() => this.closed());
  }

  /** The owner hears of the end before it hears of the close, and of neither while it does not read. */
  private hasClosed(): void {
    if (this.endPending && !this.closing) this.closePending = true;
    else this.closed();
  }
}
