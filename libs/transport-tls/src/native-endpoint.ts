// The fast form of a secure endpoint: OpenSSL is fed what the inner endpoint brings, during the call in which it was lent, and what comes
// out is lent to the owner from the arena. Nothing is kept in between, so an idle connection is OpenSSL's state and this object.
//
//     inner.onBytes ─▶ feed ─▶ handshake ──onSecure──▶ read … ─▶ one onBytes for all of it ─▶ onEnd | failure
//     write ─▶ Output ─▶ Outlet: seal ─▶ inner.write
//
// Invariants: before `secure` nothing is delivered, and nothing leaves but the handshake; `held` is not null only while the owner does
// not read, and then the inner endpoint is not read either; after `closing` begins nothing is delivered and the channel is freed;
// `onClose` comes when the inner endpoint is closed.

import { copyBytes, type Brigade, type Pool } from '@sluice/brigade';
import { TransportError, type Endpoint, type EndpointSink, type PeerAddress, type PeerCertificate, type SecureSession } from '@sluice/transport';
import { factsOf } from './certificate.ts';
import type { TlsEndpoint, TlsState } from './endpoint.ts';
import { handshakeFailure, sslFailure } from './failures.ts';
import { pieceBytes } from './native/arena.ts';
import { type Channel, failed, goodbye, wantsMore } from './native/channel.ts';
import type { NativeConnection } from './native/server-contexts.ts';
import { Outlet, type OutletOwner } from './outlet.ts';
import { Output, type OutputOwner } from './output.ts';
import { lingerMs } from './stream-endpoint.ts';

/** A piece, and as much again of what TLS says by itself. */
const mostWaitingBytes = 2 * pieceBytes;

export class NativeEndpoint implements TlsEndpoint, EndpointSink, OutputOwner, OutletOwner {
  state: TlsState = 'handshaking';
  secureSession: SecureSession | null = null;
  bytesIn = 0;
  readonly #inner: Endpoint;
  readonly #connection: NativeConnection;
  readonly #output: Output;
  readonly #outlet: Outlet;
  #sink: EndpointSink | null = null;
  #reading = false;
  /** What arrived, still encrypted, when the owner did not read. */
  #held: Uint8Array | null = null;
  /** How reading ended (close_notify, FIN without it, damage) while the owner did not read: it hears of it when it does. */
  #endPending: 'goodbye' | TransportError | null = null;
  #resumeAsked = false;
  /** Too many answers of TLS's own wait below: nothing is read until they have left. */
  #choked = false;
  #peerEnded = false;
  #finSent = false;
  #failure: TransportError | null = null;
  #linger: NodeJS.Timeout | null = null;

  constructor(inner: Endpoint, pool: Pool, connection: NativeConnection) {
    this.#inner = inner;
    this.#connection = connection;
    this.#output = new Output(pool, this);
    this.#outlet = new Outlet(inner, connection, pool, this);
    inner.attach(this);
    inner.setReading(true);
  }

  get peer(): PeerAddress {
    return this.#inner.peer;
  }

  get via(): PeerAddress | undefined {
    return this.#inner.via;
  }

  get local(): PeerAddress {
    return this.#inner.local;
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
    if (this.state === 'handshaking') return;
    if (!wanted) {
      this.#inner.setReading(false);
    } else if (this.#held === null && this.#endPending === null) {
      this.#readBelow();
    } else if (!this.#resumeAsked) {
      this.#resumeAsked = true;
      process.nextTick(resume, this);
    }
  }

  write(brigade: Brigade): void {
    this.#output.append(brigade);
  }

  shutdown(): void {
    if (!this.#isClosing()) this.#output.finish();
  }

  close(): void {
    if (this.#isClosing()) {
      if (this.#linger !== null) this.#inner.close();
      return;
    }
    const nothingIsLost = this.state === 'secure' && this.#output.isIdle && this.#inner.queuedBytes === 0;
    if (!nothingIsLost || this.#finSent) {
      this.#end(null);
      this.#inner.close();
      return;
    }
    this.#sayGoodbye();
    this.#end(null);
    this.#leave();
  }

  abort(): void {
    this.#end(null);
    this.#inner.abort();
  }

  // What the inner endpoint tells

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isClosing() || this.#peerEnded || this.#endPending !== null) return;
    this.#receive(bytes, start, end);
  }

  /** FIN: of no meaning behind a goodbye, a failure otherwise. */
  onEnd(): void {
    if (this.#isClosing() || this.#peerEnded || this.#endPending !== null) return;
    if (this.state === 'handshaking') this.#fail(new TransportError('handshake', 'truncated'));
    else this.#readingEnded(new TransportError('read', 'truncated'));
  }

  onProgress(): void {
    this.#outlet.progress();
    if (!this.#choked || this.#outlet.waitingBytes > mostWaitingBytes) return;
    this.#choked = false;
    if (this.#reading) this.#inner.setReading(true);
  }

  onClose(error: TransportError | null): void {
    this.#end(error);
    this.#closed();
  }

  // Reading

  #receive(bytes: Uint8Array, start: number, end: number): void {
    const { channel } = this.#connection;
    for (let at = start; at < end; at += pieceBytes) {
      const stop = Math.min(end, at + pieceBytes);
      channel.feed(bytes, at, stop);
      if (this.state === 'handshaking') this.#handshake();
      else this.#decrypt();
      if (this.#isClosing() || this.#peerEnded || this.#endPending !== null) return;
      if (stop < end && !this.#reading && this.state === 'secure') {
        this.#hold(bytes.subarray(stop, end));
        return;
      }
    }
  }

  #handshake(): void {
    const { channel } = this.#connection;
    const step = channel.handshake();
    const refusal = step === failed ? channel.refusal : null;
    const behind = channel.fedBytes > 0 ? channel.takeFed() : null; // nothing stays in the BIO while somebody else has a turn
    this.#outlet.flush();
    if (step === wantsMore) return;
    if (step === failed) {
      this.#failPolitely(sslFailure('handshake', channel.failure, refusal));
      return;
    }
    this.#held = behind;
    this.#secured();
  }

  #secured(): void {
    try {
      this.secureSession = sessionOf(this.#connection.channel);
    } catch (error) {
      this.#failPolitely(handshakeFailure(error, null)); // a certificate that cannot be read
      return;
    }
    this.state = 'secure';
    if (!this.#reading) this.#inner.setReading(false);
    this.#sink?.onSecure?.(this.secureSession);
    if (this.#isClosing()) return;
    this.#output.open(this.#outlet);
    this.resume();
  }

  /** All that can be decrypted of what was fed, lent to the owner in one piece; then how reading ended, if it did. */
  #decrypt(): void {
    const { arena, channel } = this.#connection;
    const region = arena.lend();
    let length = 0;
    let got = 0;
    try {
      // Room for a whole record is left at any time, so nothing stays behind in OpenSSL once all that was fed is looked at.
      do {
        got = channel.read(region, length);
        if (got > 0) length += got;
      } while ((got > 0 || got === wantsMore) && channel.fedBytes > 0);
      if (got === failed || got === goodbye) channel.takeFed(); // nothing counts behind it
      this.#answer();
      if (length > 0) {
        this.bytesIn += length;
        this.#sink?.onBytes(region.bytes, 0, length);
      }
    } finally {
      arena.giveBack();
    }
    if (this.#isClosing() || (got !== failed && got !== goodbye)) return;
    this.#readingEnded(got === goodbye ? 'goodbye' : sslFailure('read', channel.failure, null));
  }

  /** An alert, or the answers to KeyUpdates (RFC 8446 section 4.6.3), of which a peer may want any number and read none. */
  #answer(): void {
    this.#outlet.flush();
    if (this.#outlet.waitingBytes <= mostWaitingBytes) return;
    this.#choked = true;
    this.#inner.setReading(false);
  }

  #hold(bytes: Uint8Array): void {
    this.#held = this.#held === null ? copyBytes(bytes) : Buffer.concat([this.#held, bytes]);
  }

  /** Goes on with what was held. For the event loop. */
  resume(): void {
    this.#resumeAsked = false;
    if (!this.#reading || this.#isClosing()) return;
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#receive(held, 0, held.length);
    if (!this.#reading || this.#isClosing()) return;
    if (this.#endPending !== null) this.#readingEnded(this.#endPending);
    if (!this.#isClosing()) this.#readBelow();
  }

  #readBelow(): void {
    if (!this.#choked) this.#inner.setReading(true);
  }

  #readingEnded(how: 'goodbye' | TransportError): void {
    if (!this.#reading) {
      this.#endPending = how;
      return;
    }
    this.#endPending = null;
    if (how !== 'goodbye') {
      if (how.kind === 'truncated') this.#fail(how);
      else this.#failPolitely(how);
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
    if (this.#finSent || this.#isClosing()) return;
    this.#sayGoodbye();
    this.#endIfDone();
  }

  onSourceFailure(error: TransportError): void {
    this.#end(error);
    this.#inner.abort();
  }

  onPieceLeft(): void {
    this.#output.pieceLeft();
  }

  onSealFailure(): void {
    if (!this.#isClosing()) this.#failPolitely(sslFailure('write', this.#connection.channel.failure, null));
  }

  /** close_notify and FIN. */
  #sayGoodbye(): void {
    this.#finSent = true;
    this.#connection.channel.sayGoodbye();
    this.#outlet.flush();
    this.#outlet.shutdown();
  }

  // The end

  #isClosing(): boolean {
    return this.state === 'closing' || this.state === 'closed';
  }

  #endIfDone(): void {
    if (!this.#finSent || !this.#peerEnded || this.#isClosing()) return;
    this.#end(null);
    this.#leave();
  }

  #fail(error: TransportError): void {
    this.#end(error);
    this.#inner.close();
  }

  /** The peer is told why: what TLS has written (an alert) leaves before the connection closes. */
  #failPolitely(error: TransportError): void {
    this.#end(error);
    if (!this.#finSent) this.#outlet.shutdown();
    this.#leave();
  }

  #end(failure: TransportError | null): void {
    if (this.#isClosing()) return;
    this.state = 'closing';
    this.#reading = false;
    this.#failure = failure;
    this.#held = null;
    this.#connection.channel.free();
    this.#output.end(failure ?? new TransportError('write', 'closed'));
  }

  /** Closes below when everything has left, or when that takes too long. */
  #leave(): void {
    this.#outlet.leave();
    if (this.#outlet.hasLeft) return;
    this.#linger = setTimeout(() => this.#inner.close(), lingerMs);
    this.#linger.unref();
  }

  #closed(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#output.tellDropped();
    const sink = this.#sink;
    this.#sink = null;
    sink?.onClose(this.#failure);
  }
}

function sessionOf(channel: Channel): SecureSession {
  const certificate = channel.peerCertificate();
  return {
    protocol: channel.protocol,
    cipher: channel.cipher,
    alpn: channel.alpn,
    serverName: channel.serverName,
    resumed: channel.resumed,
    peerCertificate: certificate === null ? null : factsOf(certificate, channel.refusal),
  };
}

function resume(endpoint: NativeEndpoint): void {
  endpoint.resume();
}
