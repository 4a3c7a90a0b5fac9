// Where a message grows that does not lie whole in the bytes received: fragments, payloads cut by the network, inflated pieces.
// Capacity follows the bytes that have come, doubling, never the length that a header announces, so an announcement costs no memory.
// Invariant: 0 <= length <= bytes.length <= max(firstBytes, 2 * length).

import { copyInto } from './copy.ts';

const firstBytes = 4096;
const nothing = new Uint8Array(0);

export class Assembly {
  bytes: Uint8Array = nothing;
  /** The message so far is `bytes[0, length)`. */
  length = 0;

  /** Adds `from[start, end)`. `total` is how long the message will be at least, as far as is known: no more than that is set aside. */
  append(from: Uint8Array, start: number, end: number, total: number): void {
    const needed = this.length + (end - start);
    if (needed > this.bytes.length) this.#grow(needed, total);
    copyInto(from, start, end, this.bytes, this.length);
    this.length = needed;
  }

  #grow(needed: number, total: number): void {
    const roomy = Math.max(firstBytes, needed + (needed >>> 1));
    const larger = new Uint8Array(total >= needed && total < roomy ? total : roomy);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
