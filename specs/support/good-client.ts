// A client that behaves, beside others that do not: it publishes over a kept connection and receives over a WebSocket, one message after
// the other, and remembers the longest it ever waited.

import { createNodeTransport } from '@sluice/transport-node';
import { ClientConnection } from './client-connection.ts';

export class GoodClient {
  readonly topic = 'good';
  /** Messages published, acknowledged and received. */
  beats = 0;
  worstMs = 0;
  readonly #publisher: ClientConnection;
  readonly #subscriber: ClientConnection;
  #isStopping = false;
  readonly #done: Promise<void>;

  private constructor(publisher: ClientConnection, subscriber: ClientConnection) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#done = this.#run();
    // Whoever stops it hears of a failure.
    this.#done.catch(() => {});
  }

  static async start(address: { readonly host: string; readonly port: number }): Promise<GoodClient> {
    const transport = createNodeTransport();
    const random = (): number => (Math.random() * 2 ** 32) | 0;
    const publisher = new ClientConnection(await transport.connect(address), random);
    const subscriber = new ClientConnection(await transport.connect(address), random);
    const open = new Promise<void>((resolve) => (subscriber.onOpen = () => resolve()));
    subscriber.upgrade('/topics/good');
    await open;
    return new GoodClient(publisher, subscriber);
  }

  /** Ends in good order. Rejects when anything ever went wrong. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
    const gone = [this.#publisher, this.#subscriber].map((one) => new Promise<void>((resolve) => (one.onGone = () => resolve())));
    this.#publisher.leave();
    this.#subscriber.leave();
    await Promise.all(gone);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const message = `beat ${this.beats + 1}`;
      const startedAt = performance.now();
      const received = new Promise<string>((resolve, reject) => {
        this.#subscriber.onMessage = resolve;
        this.#subscriber.onGone = () => reject(new Error(`the subscriber was closed: ${this.#subscriber.breach ?? this.#subscriber.closeCode}`));
      });
      const acknowledged = new Promise<number>((resolve, reject) => {
        this.#publisher.onReply = ({ status }) => resolve(status);
        this.#publisher.onGone = () => reject(new Error(`the publisher was closed: ${this.#publisher.breach ?? 'without a word'}`));
      });
      this.#publisher.request('POST', `/topics/${this.topic}`, [], message);
      const [got, status] = await Promise.all([received, acknowledged]);
      if (got !== message || status !== 200) throw new Error(`${status} and ${JSON.stringify(got)} for ${JSON.stringify(message)}`);
      this.worstMs = Math.max(this.worstMs, performance.now() - startedAt);
      this.beats++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
