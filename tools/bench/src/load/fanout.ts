// Fan-out: the first connection publishes a batch of frames in one go, every connection (the first too) receives it; when
// all have, the next batch goes out. With more connections than one process should hold, several processes share the
// work: each says when its part has arrived, and the bench tells the publisher when all have.

import { openMany, openWebSocket, type RawConnection } from './connection.ts';
import { encodeBatch, serverFrameBytes } from './frame.ts';
import type { Job, Workload } from './job.ts';

export class FanoutLoad implements Workload {
  readonly #job: Job & { kind: 'fanout' };
  readonly #batch: Buffer;
  /** Bytes that every batch brings to each connection. */
  readonly #batchBytes: number;
  #connections: RawConnection[] = [];
  #before: number[] = [];
  #awaited = 0;
  #batches = 0;
  #arrived: () => void;

  /** `arrived` is called when all connections of this process have received a batch. */
  constructor(job: Job & { kind: 'fanout' }, arrived: () => void) {
    this.#job = job;
    this.#batch = encodeBatch(job.bytes, job.inFlight);
    this.#batchBytes = serverFrameBytes(job.bytes) * job.inFlight;
    this.#arrived = arrived;
  }

  async open(): Promise<void> {
    this.#connections = await openMany(this.#job.connections, () => openWebSocket(this.#job, this.#job.path));
    for (const connection of this.#connections) connection.onBytes = (_, length) => this.#receive(length);
    this.#begin();
  }

  publish(): void {
    this.#connections[0]?.socket.write(this.#batch);
  }

  run(durationMs: number): Promise<number> {
    if (this.#job.share !== 'alone') return Promise.resolve(this.#finish());
    let running = true;
    setTimeout(() => (running = false), durationMs);
    return new Promise((done) => {
      this.#arrived = () => {
        if (running) this.publish();
        else done(this.#finish());
      };
      this.publish();
    });
  }

  #begin(): void {
    this.#batches = 0;
    this.#awaited = this.#batchBytes * this.#connections.length;
    this.#before = this.#connections.map(({ socket }) => socket.bytesRead);
  }

  #receive(length: number): void {
    this.#awaited -= length;
    if (this.#awaited > 0) return;
    if (this.#awaited < 0) throw new Error(`${-this.#awaited} bytes too many arrived`);
    this.#awaited = this.#batchBytes * this.#connections.length;
    this.#batches++;
    this.#arrived();
  }

  /** Checks that each connection received each batch whole; answers deliveries since the last time. */
  #finish(): number {
    for (const [index, { socket }] of this.#connections.entries()) {
      const got = socket.bytesRead - (this.#before[index] ?? 0);
      const due = this.#batches * this.#batchBytes;
      if (got !== due) throw new Error(`connection ${index} received ${got} bytes instead of ${due}`);
    }
    const delivered = this.#batches * this.#job.inFlight * this.#connections.length;
    this.#begin();
    return delivered;
  }
}
