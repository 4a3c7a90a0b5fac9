// A listener of a network in memory.

import type { Listener, ListenerSink, PeerAddress, TransportError } from '@sluice/transport';

export class MemoryListener implements Listener {
  readonly sink: ListenerSink;
  address: PeerAddress = { host: '', port: 0 };
  isOpen = true;
  readonly #close: (listener: MemoryListener) => void;

  constructor(sink: ListenerSink, close: (listener: MemoryListener) => void) {
    this.sink = sink;
    this.#close = close;
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#close(this);
  }

  /** Tells that accepting failed. */
  fail(error: TransportError): void {
    if (this.isOpen) this.sink.onError(error);
  }
}
