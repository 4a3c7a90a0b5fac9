// A request's whole body in memory. The engine bounds it (413), so collecting needs no limit of its own.

import type { BodyConsumer } from '@sluice/connection';

const nothing = new Uint8Array(0);

export class CollectedBody implements BodyConsumer {
  readonly #done: (bytes: Uint8Array, start: number, end: number) => void;
  /** The body so far is `#bytes[0, #length)`. One array that doubles: a body sent byte by byte costs no more than another. */
  #bytes: Uint8Array = nothing;
  #length = 0;

  /** `done` gets the body once it is complete; the bytes are its own. */
  constructor(done: (bytes: Uint8Array, start: number, end: number) => void) {
    this.#done = done;
  }

  onData(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length = needed;
  }

  onEnd(): void {
    const whole = this.#bytes.subarray(0, this.#length);
    this.#bytes = nothing;
    this.#length = 0;
    this.#done(whole, 0, whole.length);
  }
}
