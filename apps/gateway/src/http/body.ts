// A request's whole body in memory. The engine bounds it (413), so collecting needs no limit of its own.

import type { BodyConsumer } from '@sluice/connection';

export class CollectedBody implements BodyConsumer {
  readonly #done: (bytes: Uint8Array, start: number, end: number) => void;
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** `done` gets the body once it is complete; the bytes are its own. */
  constructor(done: (bytes: Uint8Array, start: number, end: number) => void) {
    this.#done = done;
  }

  onData(bytes: Uint8Array, start: number, end: number): void {
    // Not `slice`: of a Buffer, which a transport may lend, that is no copy.
    this.#pieces.push(new Uint8Array(bytes.subarray(start, end)));
    this.#length += end - start;
  }

  onEnd(): void {
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#done(whole, 0, whole.length);
  }
}
