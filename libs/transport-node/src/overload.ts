// Refusing connections while there are still descriptors left to refuse them with.
//
// Descriptors are handed out lowest first, so the number of one just accepted says how many are in use at least, whoever
// uses them. A connection whose descriptor lies above a share of the limit is answered (with what the listener's owner
// wants said), ended and closed. The answer needs a little time: closing while the peer's request is unread would make the
// kernel send RST and the peer lose the answer. So the peer's bytes are read and dropped until it ends too, for a bounded time,
// and only by a bounded number of connections at once; any beyond that are closed on the spot.

import { readFileSync } from 'node:fs';
import { transientBytes, Brigade, type Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '@sluice/transport';

const farewellTimeoutMs = 2_000;
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
  #current = 0;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Sends `answer`, FIN, and closes once the peer has ended too, or after a while. Takes the endpoint over. */
  refuse(endpoint: Endpoint, answer: Uint8Array | null): void {
    if (answer === null || this.#current >= maxFarewells) {
      endpoint.attach(new Farewell(endpoint, null));
      endpoint.close();
      return;
    }
    this.#current++;
    endpoint.attach(new Farewell(endpoint, () => this.#current--));
    const brigade = new Brigade(this.#pool);
    brigade.append(transientBytes(answer, 0, answer.length));
    endpoint.write(brigade);
    endpoint.shutdown();
    endpoint.setReading(true);
  }
}

class Farewell implements EndpointSink {
  readonly #endpoint: Endpoint;
  readonly #closed: (() => void) | null;
  readonly #timer: NodeJS.Timeout;

  constructor(endpoint: Endpoint, closed: (() => void) | null) {
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
    this.#closed?.();
  }
}
