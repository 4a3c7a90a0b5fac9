// Where zlib writes. It has to be given memory before the length of its output is known, so each call is given the rest of a slab, and what it
// wrote is cut off and belongs to its caller: no byte of it is ever written again, and nothing is copied. A slab that is nearly full is
// left to those who have parts of it, and a new one is begun.
//
// Invariant: bytes below `#used` belong to callers; bytes from there on to nobody.

const slabBytes = 128 * 1024;
/** With less room than this a new slab is begun. */
const leastRoomBytes = 16 * 1024;

export class Output {
  /** The memory of the call at hand: it writes to `bytes[start, bytes.length)`. */
  bytes: Uint8Array = new Uint8Array(slabBytes);
  start = 0;
  #slab = this.bytes;
  #used = 0;

  /** Begins a call. What the one before wrote and did not take is lost. */
  open(): void {
    if (slabBytes - this.#used < leastRoomBytes) {
      this.#slab = new Uint8Array(slabBytes);
      this.#used = 0;
    }
    this.bytes = this.#slab;
    this.start = this.#used;
  }

  /** Moves the first `length` bytes written into an array of this call's own that is at least twice as long. */
  grow(length: number): void {
    const larger = new Uint8Array(Math.max(2 * length, leastRoomBytes));
    larger.set(this.bytes.subarray(this.start, this.start + length));
    this.bytes = larger;
    this.start = 0;
  }

  /** Ends the call: the first `length` bytes written are the caller's. */
  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.start, this.start + length);
    if (this.bytes === this.#slab) this.#used += length;
    else this.bytes = this.#slab;
    return taken;
  }

  /** Ends the call, and lets go of a grown array. */
  drop(): void {
    this.bytes = this.#slab;
  }
}
