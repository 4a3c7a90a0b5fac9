// Refusing connections while there are still descriptors left to refuse them with.
//
// Descriptors are handed out lowest first, so the number of one just accepted says how many are in use at least, whoever
// uses them. A connection whose descriptor lies above a share of the limit is answered (with what the listener's owner
// wants said), ended and closed. The answer needs a little time: closing while the peer's request is unread would make the
// kernel send RST and the peer lose the answer. So the peer's bytes are read and dropped until it ends too, for a bounded time,
// and only on a bounded number of connections at once, half of the descriptors that are left; any beyond that are answered
// and closed on the spot. Should descriptors run out all the same, libuv accepts and closes what comes, and says nothing.

import { readFileSync } from 'node:fs';
import { Brigade, type Pool, transientBytes } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '@sluice/transport';

const farewellTimeoutMs = 2_000;
/** However many descriptors are left. */
const maxFarewells = 256;

/** The soft limit of this process on open descriptors; `Infinity` where it is not known. */
export function descriptorLimit(): number {
  if (process.platform !== 'linux') return Infinity;
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found === null ? Infinity : Number(found[1]);
  } catch {
    return Infinity;
  }
}

/** Says goodbye to refused connections. One per transport. */
export class Refusals {
  readonly #pool: Pool;
  readonly #max: number;
  /** From this number on, descriptors are closed on the spot: what else the process opens has come close to the limit. */
  readonly #lastFd: number;
  #current = 0;

  /** Connections are refused from descriptor `firstFd` on; the process may open `limit`. */
  constructor(pool: Pool, firstFd: number, limit: number) {
    this.#pool = pool;
    const half = Math.floor((limit - firstFd) / 2);
    this.#max = Math.min(half, maxFarewells);
    this.#lastFd = Number.isNaN(half) ? Infinity : firstFd + half;
  }

  /** Sends `answer`, FIN, and closes once the peer has ended too, or after a while. Takes the endpoint, of descriptor `fd`, over. */
  refuse(endpoint: Endpoint, fd: number, answer: Uint8Array | null): void {
    if (answer !== null) this.#answer(endpoint, answer);
    if (answer === null || this.#current >= this.#max || fd >= this.#lastFd) {
      endpoint.close();
      return;
    }
    this.#current++;
    endpoint.attach(new Farewell(endpoint, () => this.#current--));
    endpoint.shutdown();
    endpoint.setReading(true);
  }

  #answer(endpoint: Endpoint, answer: Uint8Array): void {
    const brigade = new Brigade(this.#pool);
    brigade.append(transientBytes(answer));
    endpoint.write(brigade);
  }
}

class Farewell implements EndpointSink {
  readonly #endpoint: Endpoint;
  readonly #closed: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(endpoint: Endpoint, closed: () => void) {
    this.#endpoint = endpoint;
    this.#closed = closed;
    this.#timer = setTimeout(() => endpoint.close(), farewellTimeoutMs);
  }

  onBytes(): void {
    // dropped: nothing of it will be answered
  }

  onEnd(): void {
    this.#endpoint.close();
  }

  onProgress(): void {
    // FIN follows by itself
  }

  onClose(): void {
    clearTimeout(this.#timer);
    this.#closed();
  }
}
