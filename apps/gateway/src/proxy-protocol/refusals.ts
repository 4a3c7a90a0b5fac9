// Tells the log of connections that a listener with the PROXY protocol has closed: the first at once, and those of the following seconds
// together, for whoever scans ports or misses a setting comes often.

import type { Clock } from '@sluice/timing';
import type { PeerAddress } from '@sluice/transport';
import type { Log } from '../log/log.ts';

/** Between two lines. */
const quietMs = 10_000;

export class RefusedConnections {
  readonly #log: Log;
  readonly #clock: Clock;
  #nextAtMs = 0;
  #unsaid = 0;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `address` is the listener's, as the configuration has it. */
  add(address: string, { host }: PeerAddress, why: string): void {
    const nowMs = this.#clock.now();
    if (nowMs < this.#nextAtMs) {
      this.#unsaid++;
      return;
    }
    this.#nextAtMs = nowMs + quietMs;
    this.#log.warn('a connection without a valid PROXY header was closed', { address, peer: host, reason: why, ...(this.#unsaid > 0 && { othersSince: this.#unsaid }) });
    this.#unsaid = 0;
  }
}
