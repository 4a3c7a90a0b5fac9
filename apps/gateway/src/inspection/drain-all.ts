// "Drain all", from the inspector: every connection that is open now is told to go, at the pace of a drain, so that its client comes back, here or
// wherever a balancer sends it. Listeners go on accepting, and who comes meanwhile stays. Nothing is aborted: the chart bounds how long each may take.

import type { ConnectionRegistry, EventLoopShape } from '@sluice/supervision';

const batchMs = 100;

export class DrainAll {
  readonly #registry: ConnectionRegistry;
  readonly #loop: EventLoopShape;
  readonly #perBatch: number;
  readonly #pauseMs: number;
  #stop: (() => void) | null = null;

  constructor(registry: ConnectionRegistry, loop: EventLoopShape, connectionsPerSecond: number) {
    this.#registry = registry;
    this.#loop = loop;
    this.#perBatch = Math.max(1, Math.floor((connectionsPerSecond * batchMs) / 1000));
    this.#pauseMs = (this.#perBatch / connectionsPerSecond) * 1000;
  }

  /** False: it is under way already. */
  start(): boolean {
    if (this.#stop !== null) return false;
    // Connections are numbered in the order of opening.
    let last = 0;
    for (const { id } of this.#registry.all()) last = id;
    const waiting = this.#registry.all();
    const batch = (): void => {
      for (let told = 0; told < this.#perBatch; ) {
        const { value: connection, done } = waiting.next();
        if (done === true || connection.id > last) {
          this.close();
          return;
        }
        const { phase } = connection.state;
        if (phase === 'draining' || phase === 'writeAndAbort') continue;
        connection.drain();
        told++;
      }
    };
    this.#stop = this.#loop.every(this.#pauseMs, batch);
    batch();
    return true;
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
