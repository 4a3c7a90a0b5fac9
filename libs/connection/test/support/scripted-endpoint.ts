// An endpoint whose other end is the test: bytes go in by `arrive`, come out in `sent`, and the "kernel" takes only as much as
// `capacity` allows. Callbacks come from the test, as they come from an event loop elsewhere.

import { Brigade, Pool } from '@sluice/brigade';
import { TransportError, type Endpoint, type EndpointSink, type SecureSession } from '@sluice/transport';

export class ScriptedEndpoint implements Endpoint {
  readonly peer = { host: 'peer', port: 1 };
  readonly local = { host: 'local', port: 2 };
  /** Absent unless `secureSession: null` was asked for: then the handshake is running. */
  declare secureSession?: SecureSession | null;
  bytesIn = 0;
  bytesOut = 0;
  /** Bytes the kernel still takes; Infinity for a peer that always reads. */
  capacity = Infinity;
  /** Everything taken so far, as ISO 8859-1. */
  sent = '';
  /** One entry per call that sent something. */
  readonly writes: number[] = [];
  reading = false;
  isShutdown = false;
  closed: 'close' | 'abort' | null = null;
  readonly #pool = new Pool('scripted endpoint');
  readonly #queue = new Brigade(this.#pool);
  #sink: EndpointSink | null = null;

  get queuedBytes(): number {
    return this.#queue.memoryBytes;
  }

  get outstandingBytes(): number {
    return this.#pool.outstanding().bytes;
  }

  attach(sink: EndpointSink): void {
    this.#sink = sink;
  }

  setReading(wanted: boolean): void {
    this.reading = wanted;
  }

  write(brigade: Brigade): void {
    if (this.closed !== null) {
      brigade.destroy(new Error('closed'));
      return;
    }
    this.#queue.concat(brigade);
    this.#push();
  }

  shutdown(): void {
    this.isShutdown = true;
  }

  close(): void {
    this.closed ??= 'close';
    this.#queue.destroy(new Error('closed'));
  }

  abort(): void {
    this.closed ??= 'abort';
    this.#queue.destroy(new Error('aborted'));
  }

  // What the test does.

  /** The peer sends; the buffer is overwritten afterwards, as a transport would. Refused unless the connection reads. */
  arrive(text: string): void {
    if (!this.reading) throw new Error('bytes arrived while reading was off');
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    this.bytesIn += bytes.length;
    this.#sink!.onBytes(bytes, 0, bytes.length);
    bytes.fill(0x21);
  }

  /** The peer sends FIN. */
  end(): void {
    if (!this.reading) throw new Error('FIN arrived while reading was off');
    this.reading = false;
    this.#sink!.onEnd();
  }

  /** The peer reads `bytes` more. */
  take(bytes: number): void {
    const before = this.queuedBytes;
    this.capacity += bytes;
    this.#push();
    if (before > 0) this.#sink!.onProgress();
  }

  /** The transport is gone. */
  gone(error: TransportError | null = null): void {
    this.close();
    this.#sink!.onClose(error);
  }

  #push(): void {
    const scratch = new Uint8Array(64 * 1024);
    while (!this.#queue.isEmpty) {
      const max = Math.min(this.capacity, scratch.length);
      const bytes = this.#queue.gather(scratch, 0, max);
      if (bytes > 0) {
        this.sent += Buffer.from(scratch.subarray(0, bytes)).toString('latin1');
        this.writes.push(bytes);
        this.bytesOut += bytes;
        this.capacity -= bytes;
      }
      // Passes marks, too: what stands behind a SENT mark is the next round's.
      const before = this.#queue.count;
      this.#queue.consume(bytes);
      if (bytes === 0 && this.#queue.count === before) return;
    }
  }
}
