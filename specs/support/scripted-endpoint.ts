// An endpoint that is no socket at all: its other end is the spec. Bytes go in by `arrive`, come out in `sent`, and it takes only as much as
// `capacity` allows. What an event loop would call, the spec calls.

import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, TransportError } from '@sluice/transport';

export class ScriptedEndpoint implements Endpoint {
  readonly peer = { host: 'script', port: 1 };
  readonly local = { host: 'script', port: 2 };
  bytesIn = 0;
  bytesOut = 0;
  /** How many bytes the other end still takes. */
  capacity = Infinity;
  /** What it took, one character a byte. */
  sent = '';
  isReading = false;
  isShutdown = false;
  closedBy: 'close' | 'abort' | null = null;
  readonly #pool = new Pool('scripted endpoint');
  readonly #queue = new Brigade(this.#pool);
  readonly #scratch = new Uint8Array(64 * 1024);
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
    this.isReading = wanted;
  }

  write(brigade: Brigade): void {
    if (this.closedBy !== null) {
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
    this.#end('close');
  }

  abort(): void {
    this.#end('abort');
  }

  /** Bytes come. They are overwritten when the call is over, as a transport's are. */
  arrive(bytes: string | Uint8Array): void {
    if (!this.isReading) throw new Error('bytes came while reading was off');
    const lent = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Uint8Array.from(bytes);
    this.bytesIn += lent.length;
    this.#sink!.onBytes(lent, 0, lent.length);
    lent.fill(0x21);
  }

  /** FIN comes. */
  end(): void {
    this.isReading = false;
    this.#sink!.onEnd();
  }

  /** The other end takes so many bytes more. */
  take(bytes: number): void {
    const before = this.queuedBytes;
    this.capacity += bytes;
    this.#push();
    if (before > 0) this.#sink!.onProgress();
  }

  /** It wakes its owner although nothing has changed. */
  wakeForNothing(): void {
    this.#sink!.onProgress();
  }

  /** The transport is gone. */
  gone(error: TransportError | null = null): void {
    this.#end('close');
    this.#sink!.onClose(error);
  }

  #end(by: 'close' | 'abort'): void {
    this.closedBy ??= by;
    this.#queue.destroy(new Error('closed'));
  }

  #push(): void {
    for (;;) {
      const bytes = this.#queue.gather(this.#scratch, 0, Math.min(this.capacity, this.#scratch.length));
      this.sent += Buffer.from(this.#scratch.subarray(0, bytes)).toString('latin1');
      this.bytesOut += bytes;
      this.capacity -= bytes;
      // Passes marks, too: what stands behind one is the next round's.
      const buckets = this.#queue.count;
      this.#queue.consume(bytes);
      if (this.#queue.isEmpty || (bytes === 0 && this.#queue.count === buckets)) return;
    }
  }
}
