// The portable form of a secure endpoint: what its owner sees of a TLSSocket, and of all that can end it.
//
//     handshaking ──onSecure──▶ secure ──▶ closing ──▶ closed (onClose)
//          └───────────────────────────────▲
//
// Reading ends by a goodbye of the peer (close_notify), or by FIN without one, which is a failure. Which of the two it was can be
// told when the TLSSocket is given its end: before the inner endpoint's FIN was passed on, or because of it.
//
// Invariants: before `secure` nothing is delivered and nothing leaves but the handshake; after `closing` begins nothing is
// delivered; `onClose` comes when the inner endpoint is closed, so nothing is held any more.

import type { TLSSocket } from 'node:tls';
import type { Brigade, Pool } from '@sluice/brigade';
import { TransportError, type Endpoint, type EndpointSink, type PeerAddress, type PeerCertificate, type SecureSession } from '@sluice/transport';
import { readPeerCertificate } from './certificate.ts';
import type { TlsEndpoint, TlsState } from './endpoint.ts';
import { recordFailure } from './failures.ts';
import type { HandshakeOutcome } from './handshake.ts';
import { InnerStream, type InnerOwner } from './inner-stream.ts';
import { Output, type OutputOwner } from './output.ts';
import { StreamTarget } from './stream-target.ts';

/** How long a goodbye, or an alert, may take to leave after `close`, in milliseconds. */
export const lingerMs = 1000;

export class StreamEndpoint implements TlsEndpoint, HandshakeOutcome, InnerOwner, OutputOwner {
  readonly peer: PeerAddress;
  readonly local: PeerAddress;
  readonly via: PeerAddress | undefined;
  state: TlsState = 'handshaking';
  secureSession: SecureSession | null = null;
  bytesIn = 0;
  readonly #output: Output;
  readonly #stream: InnerStream;
  #socket: TLSSocket | null = null;
  #sink: EndpointSink | null = null;
  #reading = false;
  /** close_notify came. */
  #goodbye = false;
  /** The end came while reading was off. */
  #endPending = false;
  #peerEnded = false;
  #finishing = false;
  /** Our close_notify and FIN are written. */
  #finSent = false;
  /** The inner endpoint closed in order; what it brought is still being read. */
  #innerGone = false;
  #failure: TransportError | null = null;
  #linger: NodeJS.Timeout | null = null;

  /** `begin` starts the handshake over the stream. */
  constructor(inner: Endpoint, pool: Pool, begin: (stream: InnerStream, outcome: HandshakeOutcome) => void) {
    this.peer = inner.peer;
    this.local = inner.local;
    this.via = inner.via;
    this.#output = new Output(pool, this);
    this.#stream = new InnerStream(inner, pool, this);
    begin(this.#stream, this);
  }

  get queuedBytes(): number {
    return this.#output.queuedBytes;
  }

  get bytesOut(): number {
    return this.#output.bytesOut;
  }

  peerCertificate(): PeerCertificate | null {
    return this.secureSession?.peerCertificate ?? null;
  }

  attach(sink: EndpointSink): void {
    if (this.#sink !== null) throw new Error('an endpoint is attached once');
    this.#sink = sink;
  }

  setReading(wanted: boolean): void {
    if (wanted === this.#reading || this.#isClosing()) return;
    this.#reading = wanted;
    if (this.#socket === null) return;
    if (!wanted) this.#socket.pause();
    else if (this.#endPending) process.nextTick(() => this.#ended());
    else this.#socket.resume();
  }

  write(brigade: Brigade): void {
    this.#output.append(brigade);
  }

  shutdown(): void {
    if (!this.#isClosing()) this.#output.finish();
  }

  close(): void {
    if (this.#isClosing()) {
      if (this.#linger !== null) this.#stream.inner.close();
      return;
    }
    const { inner } = this.#stream;
    const nothingIsLost = this.state === 'secure' && this.#output.isIdle && inner.queuedBytes === 0;
    const socket = nothingIsLost && !this.#finishing ? this.#socket : null;
    this.#end(null);
    if (socket === null) {
      inner.close();
      return;
    }
    socket.end();
    this.#stream.leave();
    this.#lingerOnce();
  }

  abort(): void {
    this.#end(null);
    this.#stream.inner.abort();
  }

  // The handshake

  onSecured(socket: TLSSocket): void {
    if (this.#isClosing()) return;
    this.#socket = socket;
    this.state = 'secure';
    socket.pause();
    this.#watchForGoodbye(socket);
    socket.on('data', (chunk: Buffer) => this.#deliver(chunk));
    socket.on('end', () => this.#ended());
    socket.on('error', (error: Error) => this.#failPolitely(recordFailure(error)));
    this.secureSession = {
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().name,
      alpn: socket.alpnProtocol || null,
      // A client's is what it asked for; node:tls answers false for none.
      serverName: (socket.servername as string | false | null) || null,
      resumed: socket.isSessionReused(),
      peerCertificate: readPeerCertificate(socket),
    };
    this.#sink?.onSecure?.(this.secureSession);
    if (this.#isClosing()) return;
    if (this.#reading) socket.resume();
    this.#output.open(new StreamTarget(socket, this.#output));
  }

  onRefused(error: TransportError): void {
    this.#failPolitely(error);
  }

  /** The end of the secure stream is the peer's goodbye if the inner FIN has not been passed on yet. */
  #watchForGoodbye(socket: TLSSocket): void {
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null && !this.#stream.ended) this.#goodbye = true;
      return push(chunk, encoding);
    };
  }

  // Reading

  #deliver(chunk: Buffer): void {
    if (!this.#reading || this.#isClosing()) return;
    this.bytesIn += chunk.length;
    // A plain array, as from every other endpoint: a Buffer's `slice` does not copy.
    this.#sink?.onBytes(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length), 0, chunk.length);
  }

  #ended(): void {
    if (this.#isClosing() || this.#peerEnded) return;
    this.#endPending = !this.#reading;
    if (this.#endPending) return;
    if (!this.#goodbye) {
      this.#fail(new TransportError('read', 'truncated'));
      return;
    }
    this.#peerEnded = true;
    this.#sink?.onEnd();
    this.#endIfDone();
  }

  // Writing

  onOutput(): void {
    this.#sink?.onProgress();
  }

  onDrained(): void {
    if (this.#finishing || this.#socket === null) return;
    this.#finishing = true;
    this.#socket.end(() => {
      this.#finSent = true;
      this.#endIfDone();
    });
  }

  onSourceFailure(error: TransportError): void {
    this.#end(error);
    this.#stream.inner.abort();
  }

  // The inner endpoint

  onInnerEnd(): void {
    if (this.state !== 'handshaking') return;
    // An alert may have come before it, and its error is on the way.
    setImmediate(() => {
      if (this.state === 'handshaking') this.#fail(new TransportError('handshake', 'truncated'));
    });
  }

  onInnerBroken(cause: unknown): void {
    this.#fail(recordFailure(cause));
  }

  onInnerClose(error: TransportError | null): void {
    if (!this.#isClosing() && error === null && this.#stream.finArrived) {
      this.#innerGone = true; // both directions ended; what was read is still to be delivered
      return;
    }
    this.#end(error);
    this.#closed();
  }

  // The end

  #isClosing(): boolean {
    return this.state === 'closing' || this.state === 'closed';
  }

  #endIfDone(): void {
    if (!this.#finSent || !this.#peerEnded || this.#isClosing()) return;
    this.#end(null);
    this.#stream.leave();
  }

  #fail(error: TransportError): void {
    if (this.#isClosing()) return;
    this.#end(error);
    this.#stream.inner.close();
  }

  /** The peer is told why: what TLS has written (an alert) leaves before the connection closes. */
  #failPolitely(error: TransportError): void {
    if (this.#isClosing()) return;
    this.#end(error);
    this.#stream.finishAndLeave();
    this.#lingerOnce();
  }

  #end(failure: TransportError | null): void {
    if (this.#isClosing()) return;
    this.state = 'closing';
    this.#reading = false;
    this.#failure = failure;
    this.#output.end(failure ?? new TransportError('write', 'closed'));
    if (this.#innerGone) process.nextTick(() => this.#closed());
  }

  #lingerOnce(): void {
    this.#linger = setTimeout(() => this.#stream.inner.close(), lingerMs);
    this.#linger.unref();
  }

  #closed(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#output.tellDropped();
    this.#stream.destroy();
    const sink = this.#sink;
    this.#sink = null;
    sink?.onClose(this.#failure);
  }
}
