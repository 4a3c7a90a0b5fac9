// The receiving half of permessage-deflate: which inflater a message goes through, and for how long it is kept.
// With its window carried over an inflater lives from the first compressed message on; without, for one message.

import type { DeflateSettings, Inflater } from './deflate.ts';
import type { Role } from './opcodes.ts';

export class Inflation {
  readonly #settings: DeflateSettings;
  readonly #windowBits: number;
  readonly #takeover: boolean;
  #inflater: Inflater | null = null;

  /** `role` is our own: what we inflate is what the other one compressed. */
  constructor(settings: DeflateSettings, role: Role) {
    const { parameters } = settings;
    this.#settings = settings;
    this.#windowBits = role === 'server' ? parameters.clientMaxWindowBits : parameters.serverMaxWindowBits;
    this.#takeover = !(role === 'server' ? parameters.clientNoContextTakeover : parameters.serverNoContextTakeover);
  }

  /** The next piece of a message, inflated, as `Inflater.inflate` answers it. */
  inflate(bytes: Uint8Array, start: number, end: number, endOfMessage: boolean, limit: number): Uint8Array | 'tooLarge' | 'corrupt' {
    this.#inflater ??= this.#settings.factory.inflater({ windowBits: this.#windowBits });
    const inflated = this.#inflater.inflate(bytes, start, end, endOfMessage, limit);
    if (endOfMessage && !this.#takeover) this.close();
    return inflated;
  }

  close(): void {
    this.#inflater?.close();
    this.#inflater = null;
  }
}

/**
 * The most bytes a compressed message within `limit` can have: deflate adds a few bytes per block to what it cannot compress, and
 * an eighth more than covers every sane choice of blocks.
 */
export function maxDeflatedBytes(limit: number): number {
  return limit + (limit >>> 3) + 64;
}
