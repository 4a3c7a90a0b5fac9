// Names of a network in memory: each answers by script, in virtual time. A name may have several addresses, fail, answer late, or not
// at all; a list of answers is gone through one look-up at a time, and the last one stays.

import type { VirtualClock } from '@sluice/timing';
import { TransportError, type CancelSignal, type Resolver, type TransportErrorKind } from '@sluice/transport';

/** What one look-up of a name comes to. */
export interface ScriptedAnswer {
  /** The preferred first. */
  readonly addresses?: readonly string[];
  /** Instead of addresses. Default `notFound`. */
  readonly error?: TransportErrorKind;
  /** How long it takes; `Infinity` for a server that never answers. Default 0. */
  readonly delayMs?: number;
}

/** What tells an address from a name: digits and dots, or a colon. */
const address = /^[\d.]+$|:/;

export class MemoryResolver implements Resolver {
  /** The names asked for, in order. */
  readonly lookups: string[] = [];
  /** Look-ups that have come to nothing yet. */
  pending = 0;
  readonly #clock: VirtualClock;
  readonly #scripts = new Map<string, ScriptedAnswer[]>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** What the next look-ups of the name come to, in order. Replaces an earlier script. */
  script(host: string, ...answers: ScriptedAnswer[]): this {
    this.#scripts.set(host, answers);
    return this;
  }

  resolve(host: string, signal?: CancelSignal): Promise<readonly string[]> {
    this.lookups.push(host);
    const { addresses, error = 'notFound', delayMs = 0 } = this.#answerOf(host);
    if (signal?.aborted === true) return Promise.reject(givenUp(host));
    this.pending++;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.pending--;
        signal?.removeEventListener('abort', onAbort);
      };
      const answer = (): void => {
        settle();
        if (addresses === undefined) reject(new TransportError('resolve', error, error, host));
        else resolve(addresses);
      };
      const timer = delayMs === Infinity ? null : this.#clock.schedule(delayMs, answer);
      const onAbort = (): void => {
        if (timer !== null) this.#clock.cancel(timer);
        settle();
        reject(givenUp(host));
      };
      signal?.addEventListener('abort', onAbort);
    });
  }

  #answerOf(host: string): ScriptedAnswer {
    const script = this.#scripts.get(host);
    if (script === undefined || script.length === 0) return address.test(host) ? { addresses: [host] } : {};
    return script.length === 1 ? script[0] : (script.shift() as ScriptedAnswer);
  }
}

function givenUp(host: string): TransportError {
  return new TransportError('resolve', 'closed', 'closed', host);
}
