// One timer for all sockets of an endpoint that does something every so often. It runs only while there is a socket.

import type { WebSocketSession } from '@sluice/connection';
import type { EventLoopShape } from '@sluice/supervision';

/** A socket's handler, as a beat knows it. */
export interface Beating {
  readonly socket: WebSocketSession;
  /** Its turn. `tick` is the same for all members of one beat, and another at the next. */
  beat(tick: number): void;
}

export class Beat {
  readonly #every: EventLoopShape['every'];
  readonly #intervalMs: number;
  readonly #members = new Set<Beating>();
  #stop: (() => void) | null = null;
  #tick = 0;

  constructor(every: EventLoopShape['every'], intervalMs: number) {
    this.#every = every;
    this.#intervalMs = intervalMs;
  }

  add(member: Beating): void {
    this.#members.add(member);
    this.#stop ??= this.#every(this.#intervalMs, () => this.#beat());
  }

  remove(member: Beating): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.close();
  }

  /** Stops. A member that comes later starts it again. */
  close(): void {
    this.#members.clear();
    this.#stop?.();
    this.#stop = null;
  }

  /** A member that fails costs its own connection, and nobody else anything. */
  #beat(): void {
    this.#tick++;
    for (const member of this.#members) {
      try {
        member.beat(this.#tick);
      } catch (error) {
        member.socket.connection.crash(error);
      }
    }
  }
}
