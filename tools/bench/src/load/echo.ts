// Echo: each connection writes its batch of frames in one go, waits until all of it has come back, and writes the next.

import { openMany, openWebSocket, type RawConnection } from './connection.ts';
import { encodeBatch, serverFrameBytes } from './frame.ts';
import type { Job, Workload } from './job.ts';

export class EchoLoad implements Workload {
  readonly #job: Job & { kind: 'echo' };
  readonly #batch: Buffer;
  #connections: RawConnection[] = [];

  constructor(job: Job & { kind: 'echo' }) {
    this.#job = job;
    this.#batch = encodeBatch(job.bytes, job.inFlight);
  }

  async open(): Promise<void> {
    this.#connections = await openMany(this.#job.connections, () => openWebSocket(this.#job, this.#job.path));
  }

  run(durationMs: number): Promise<number> {
    const { inFlight, bytes } = this.#job;
    const batchBytes = serverFrameBytes(bytes) * inFlight;
    let running = true;
    let batches = 0;
    let working = this.#connections.length;
    setTimeout(() => (running = false), durationMs);
    return new Promise((done) => {
      for (const connection of this.#connections) {
        let awaited = batchBytes;
        connection.onBytes = (_, length) => {
          awaited -= length;
          if (awaited > 0) return;
          if (awaited < 0) throw new Error(`${-awaited} bytes too many came back`);
          batches++;
          if (running) {
            awaited = batchBytes;
            connection.socket.write(this.#batch);
          } else if (--working === 0) done(batches * inFlight);
        };
        connection.socket.write(this.#batch);
      }
    });
  }
}
