// An endpoint whose connection can be made to take no more: what is written then stays queued, and so it never ends in order.

import { Brigade, type Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, PeerAddress, TransportError } from '@sluice/transport';

export class Stalling implements Endpoint, EndpointSink {
  stalled = false;
  readonly #below: Endpoint;
  readonly #held: Brigade;
  #sink: EndpointSink | null = null;

  constructor(below: Endpoint, pool: Pool) {
    this.#below = below;
    this.#held = new Brigade(pool);
  }

  get peer(): PeerAddress {
    return this.#below.peer;
  }

  get local(): PeerAddress {
    return this.#below.local;
  }

  get queuedBytes(): number {
    return this.#below.queuedBytes + this.#held.length;
  }

  get bytesIn(): number {
    return this.#below.bytesIn;
  }

  get bytesOut(): number {
    return this.#below.bytesOut;
  }

  attach(sink: EndpointSink): void {
    this.#sink = sink;
    this.#below.attach(this);
  }

  setReading(wanted: boolean): void {
    this.#below.setReading(wanted);
  }

  write(brigade: Brigade): void {
    if (!this.stalled) {
      this.#below.write(brigade);
      return;
    }
    brigade.setaside();
    this.#held.concat(brigade);
  }

  shutdown(): void {
    if (!this.stalled) this.#below.shutdown();
  }

  close(): void {
    this.#held.destroy();
    this.#below.close();
  }

  abort(): void {
    this.#held.destroy();
    this.#below.abort();
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#sink?.onBytes(bytes, start, end);
  }

  onEnd(): void {
    this.#sink?.onEnd();
  }

  onProgress(): void {
    this.#sink?.onProgress();
  }

  onClose(error: TransportError | null): void {
    this.#sink?.onClose(error);
  }
}
