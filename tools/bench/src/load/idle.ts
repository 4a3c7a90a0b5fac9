// WebSockets that do nothing once they are open.

import { openMany, openWebSocket, type RawConnection } from './connection.ts';
import type { Job, Workload } from './job.ts';

export class IdleLoad implements Workload {
  readonly #job: Job & { kind: 'idle' };
  #connections: RawConnection[] = [];

  constructor(job: Job & { kind: 'idle' }) {
    this.#job = job;
  }

  async open(): Promise<void> {
    this.#connections = await openMany(this.#job.connections, () => openWebSocket(this.#job, this.#job.path));
  }

  /** Answers how many connections are open after that time. */
  async run(durationMs: number): Promise<number> {
    await new Promise((done) => setTimeout(done, durationMs));
    return this.#connections.filter(({ socket }) => socket.readyState === 'open').length;
  }
}
