// A transport whose listeners die and fail to bind when a test says so; what is accepted comes from the network in memory.

import { TransportError, type ConnectOptions, type Endpoint, type Listener, type ListenerSink, type ListenOptions, type Transport } from '@sluice/transport';

export class FailingTransport implements Transport {
  readonly name = 'failing';
  /** Every attempt to bind: when, and to which port. */
  readonly attempts: { readonly port: number; readonly atMs: number }[] = [];
  /** How many of the next attempts fail. */
  failures = 0;
  /** While set, an attempt waits for it. */
  gate: Promise<void> | null = null;
  readonly #inner: Transport;
  readonly #nowMs: () => number;
  #listeners: { readonly sink: ListenerSink; readonly listener: Listener }[] = [];

  constructor(inner: Transport, nowMs: () => number) {
    this.#inner = inner;
    this.#nowMs = nowMs;
  }

  /** Listeners that are open. */
  get open(): number {
    return this.#listeners.length;
  }

  async listen(options: ListenOptions, sink: ListenerSink): Promise<Listener> {
    this.attempts.push({ port: options.port, atMs: this.#nowMs() });
    await this.gate;
    if (this.failures > 0) {
      this.failures--;
      throw new TransportError('listen', 'addressInUse');
    }
    const listener = await this.#inner.listen(options, sink);
    const entry = { sink, listener };
    this.#listeners.push(entry);
    return {
      address: listener.address,
      close: () => {
        this.#listeners = this.#listeners.filter((other) => other !== entry);
        listener.close();
      },
    };
  }

  connect(options: ConnectOptions): Promise<Endpoint> {
    return this.#inner.connect(options);
  }

  /** Every open listener dies of an error. */
  die(): void {
    const dying = this.#listeners;
    this.#listeners = [];
    for (const { sink, listener } of dying) {
      listener.close();
      sink.onClose(new TransportError('accept', 'other', 'EIO'));
    }
  }
}
