// An endpoint on a bare TCP handle, with no net.Socket: about 1.3 KB of RSS instead of 4, and one call per read.
//
// All handles of a transport read into one buffer, since bytes are only lent to the owner. With native calls, output is
// gathered into one buffer and sent at once; only what the kernel refuses goes through the handle's own queue, as a piece of
// a few hundred bytes whose completion says that there is room again. Without them, output goes through the handle in
// pieces of up to 64 KiB, which it tries at once too.

import type { Brigade, Bucket } from '@sluice/brigade';
import { fileHandle } from '@sluice/brigade';
import type { PeerAddress } from '@sluice/transport';
import { addressOf, plainHost } from './addresses.ts';
import { EndpointCore, type EndpointShare, fileEnded, pieceKept, pieceWritten, readInstead } from './endpoint-core.ts';
import { Gatherer } from './gatherer.ts';
import { EAGAIN, type NativeIo } from './native-io.ts';
import { type AddressOut, type HandleRequest, ignore, type TcpHandle, type TcpInternals } from './tcp-handle.ts';

const readBufferBytes = 65_536;
const streamPieceBytes = 65_536;
/** Long enough to be worth a segment of its own, short enough to cost a slow peer's server nothing. */
const wakeUpPieceBytes = 512;
/** One sendfile call, so that it stays short for everybody else. */
const maxSendFileBytes = 1024 * 1024;
const UV_EOF = -4095;

/** What all endpoints on handles share. One per transport. */
export class HandleShare {
  readonly base: EndpointShare;
  readonly internals: TcpInternals;
  readonly native: NativeIo | null;
  readonly gatherer: Gatherer | null;
  readonly readBuffer: Uint8Array = new Uint8Array(new ArrayBuffer(readBufferBytes));
  readonly onRead: (this: TcpHandle) => void;

  constructor(base: EndpointShare, internals: TcpInternals, native: NativeIo | null) {
    this.base = base;
    this.internals = internals;
    this.native = native;
    this.gatherer = native === null ? null : new Gatherer(native.output);
    const { state, readResult } = internals;
    const { readBuffer } = this;
    this.onRead = function onRead() {
      // `this` is the handle. Answering anything would make it the next read buffer.
      (this.owner as HandleEndpoint).hasRead(readBuffer, state[readResult]);
    };
  }
}

export class HandleEndpoint extends EndpointCore {
  private readonly share: HandleShare;
  private readonly handle: TcpHandle;
  private readonly fd: number;
  private readonly peerHost: string;
  private readonly peerPort: number;
  /** FIN has been asked for and is not sent yet. */
  private shuttingDown = false;

  constructor(share: HandleShare, handle: TcpHandle, leftover: Uint8Array | null) {
    super(share.base, leftover);
    this.share = share;
    this.handle = handle;
    this.fd = handle.fd;
    const peer: AddressOut = {};
    handle.getpeername(peer);
    this.peerHost = plainHost(peer.address ?? '');
    this.peerPort = peer.port ?? 0;
    handle.owner = this;
    handle.onread = share.onRead;
    handle.useUserBuffer(share.readBuffer);
    handle.setNoDelay(true);
  }

  get peer(): PeerAddress {
    return { host: this.peerHost, port: this.peerPort };
  }

  get local(): PeerAddress {
    const local: AddressOut = {};
    if (!this.closing) this.handle.getsockname(local);
    return addressOf(local.address, local.port);
  }

  /** The handle has read: that many bytes, or a negative errno. */
  hasRead(bytes: Uint8Array, result: number): void {
    if (!this.reading) return;
    if (result > 0) {
      this.bytesIn += result;
      this.sink?.onBytes(bytes, 0, result);
    } else if (result === UV_EOF) {
      this.ended();
    } else if (result < 0) {
      this.fail('read', result);
    }
  }

  /** The handle has written the piece it was given. */
  hasWritten(status: number): void {
    this.written(status);
  }

  /** The handle has sent FIN, or could not. */
  hasShutDown(status: number): void {
    this.shuttingDown = false;
    if (this.closing) this.letGo(true);
    else if (status < 0) this.fail('shutdown', status);
    else this.finished();
  }

  hasClosed(): void {
    this.closed();
  }

  protected sendMemory(brigade: Brigade): number {
    const { native, gatherer } = this.share;
    if (native === null || gatherer === null) return 0;
    const length = gatherer.gather(brigade);
    return Math.max(native.send(this.fd, length, gatherer.fileFollows), 0); // what failed fails in the stream, with its name
  }

  protected sendFile(file: Bucket): number {
    const { native } = this.share;
    if (native === null) return readInstead;
    const length = Math.min(file.length, maxSendFileBytes);
    const sent = native.sendFile(this.fd, fileHandle(file).fd, file.start, length);
    if (sent > 0) return sent;
    if (sent === 0) return fileEnded;
    return native.lastError() === EAGAIN ? 0 : readInstead;
  }

  protected pieceBytes(): number {
    return this.share.native === null ? streamPieceBytes : wakeUpPieceBytes;
  }

  protected submit(piece: Uint8Array): number {
    const { internals } = this.share;
    const request = new internals.WriteRequest();
    request.handle = this.handle;
    request.oncomplete = onWritten;
    request.buffer = piece;
    const status = this.handle.writeBuffer(request, piece);
    if (status !== 0) return status;
    return internals.state[internals.lastWriteWasAsync] === 0 ? pieceWritten : pieceKept;
  }

  protected finish(): void {
    const request = new this.share.internals.ShutdownRequest();
    request.handle = this.handle;
    request.oncomplete = onShutDown;
    const status = this.handle.shutdown(request);
    if (status < 0) this.fail('shutdown', status);
    else this.shuttingDown = true;
  }

  protected readBelow(wanted: boolean): void {
    const status = wanted ? this.handle.readStart() : this.handle.readStop();
    if (status < 0) this.fail('read', status);
  }

  protected closeBelow(reset: boolean): void {
    // A handle that is asked for RST while it sends FIN would never close: then RST waits for FIN, which waits for nothing.
    if (!reset || !this.shuttingDown) this.letGo(reset);
  }

  private letGo(reset: boolean): void {
    if (reset) this.handle.reset(onClosed);
    else this.handle.close(onClosed);
  }
}

function onWritten(this: HandleRequest, status: number): void {
  ownerOf(this)?.hasWritten(status);
}

function onShutDown(this: HandleRequest, status: number): void {
  ownerOf(this)?.hasShutDown(status);
}

function onClosed(this: TcpHandle): void {
  const endpoint = this.owner as HandleEndpoint;
  this.onread = ignore;
  this.owner = null;
  endpoint.hasClosed();
}

function ownerOf(request: HandleRequest): HandleEndpoint | null {
  const endpoint = request.handle?.owner as HandleEndpoint | null;
  request.handle = null;
  return endpoint;
}
