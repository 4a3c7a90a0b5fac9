// The inner endpoint as a Duplex, which is what node:tls can sit on. It buffers nothing: bytes that arrive are handed on during the
// call in which they were lent (whoever listens copies them, as JSStreamSocket does), and reading stops below as soon as the
// listener pauses. A write is answered when the inner endpoint has handed all of it over.
//
// Nothing here destroys itself: the layer above decides when everything that arrived has been taken.

import { Duplex } from 'node:stream';
import { Brigade, type Pool, transientBytes } from '@sluice/brigade';
import type { Endpoint, EndpointSink, TransportError } from '@sluice/transport';

type Callback = (error?: Error | null) => void;

export interface InnerOwner {
  /** FIN arrived. */
  onInnerEnd(): void;
  onInnerClose(error: TransportError | null): void;
  /** Whoever listens to the stream threw. */
  onInnerBroken(cause: unknown): void;
}

export class InnerStream extends Duplex implements EndpointSink {
  readonly inner: Endpoint;
  /** The inner endpoint has nothing more to bring. */
  finArrived = false;
  /** 'end' was told: an end of the secure stream is from now on no goodbye. */
  ended = false;
  readonly #owner: InnerOwner;
  readonly #brigade: Brigade;
  /** Bytes written to the inner endpoint. When it fails, it stops short of handing over as many. */
  #given = 0;
  /** Answers the write that the inner endpoint has not handed over yet. */
  #written: Callback | null = null;
  #shut = false;
  #leaving = false;

  constructor(inner: Endpoint, pool: Pool, owner: InnerOwner) {
    super({ allowHalfOpen: true, autoDestroy: false });
    this.inner = inner;
    this.#owner = owner;
    this.#brigade = new Brigade(pool);
    this.once('end', () => {
      this.ended = true;
    });
    inner.attach(this);
  }

  /** Closes the inner endpoint as soon as everything has left it, FIN included. */
  leave(): void {
    this.#leaving = true;
    this.#leaveIfDone();
  }

  /** As `leave`, for a stream that will not be ended by anybody. */
  finishAndLeave(): void {
    this.#shut = true;
    this.inner.shutdown();
    this.leave();
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    try {
      this.emit('data', Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start));
    } catch (error) {
      this.#owner.onInnerBroken(error);
    }
  }

  onEnd(): void {
    this.finArrived = true;
    this.push(null);
    this.#owner.onInnerEnd();
  }

  onProgress(): void {
    if (this.inner.bytesOut < this.#given) return;
    const written = this.#written;
    this.#written = null;
    written?.();
    this.#leaveIfDone();
  }

  onClose(error: TransportError | null): void {
    this.#written = null;
    this.#owner.onInnerClose(error);
  }

  override resume(): this {
    this.inner.setReading(true);
    return super.resume();
  }

  override pause(): this {
    this.inner.setReading(false);
    return super.pause();
  }

  /** Bytes come by `onBytes`. */
  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, written: Callback): void {
    this.#brigade.append(transientBytes(chunk));
    this.#send(written);
  }

  override _writev(chunks: readonly { chunk: Uint8Array }[], written: Callback): void {
    for (const { chunk } of chunks) this.#brigade.append(transientBytes(chunk));
    this.#send(written);
  }

  override _final(done: Callback): void {
    this.#shut = true;
    this.inner.shutdown();
    done();
    this.#leaveIfDone();
  }

  #send(written: Callback): void {
    this.#given += this.#brigade.length;
    this.inner.write(this.#brigade);
    if (this.inner.bytesOut === this.#given) written();
    else this.#written = written;
  }

  #leaveIfDone(): void {
    if (!this.#leaving || !this.#shut || this.inner.bytesOut < this.#given) return;
    this.#leaving = false;
    this.inner.close();
  }
}
