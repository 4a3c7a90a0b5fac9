// The memory of one connection: 64 bytes that are the engine's, 64 that are its user's, and the message buffer. Nothing is
// there before the first byte is.
//
// A typed array hands out the whole buffer it lies in, so the three parts are buffers of their own: nothing that the user
// is given leads to the private part. The private part is 16 integers, which `message-reader.ts` names.

/** Bytes of the part that is the engine's alone. */
export const privateBytes = 64;

/** Bytes of the part that is the user's. */
export const userBytes = 64;

const nothing = new Uint8Array(0);

export class ConnectionState {
  /** The user's part, at the start of its own buffer; null before the first byte. */
  user: Uint8Array | null = null;
  /** The message in progress: the kept buffer, or a larger one for as long as one message needs it. */
  message: Uint8Array = nothing;
  readonly #messageBytes: number;
  #kept: Uint8Array = nothing;

  /** `messageBytes` of the message buffer that is kept. */
  constructor(messageBytes: number) {
    this.#messageBytes = messageBytes;
  }

  /** Bytes of the three parts: 0 before the first byte. */
  get bytes(): number {
    return this.user === null ? 0 : privateBytes + userBytes + this.#kept.length;
  }

  /** Makes the three parts; the answer is the private one, and the caller's to keep to itself. */
  allocate(): Int32Array {
    this.user = new Uint8Array(userBytes);
    this.#kept = new Uint8Array(this.#messageBytes);
    this.message = this.#kept;
    return new Int32Array(privateBytes / Int32Array.BYTES_PER_ELEMENT);
  }

  /** Room for `needed` bytes of a message that will have `total`; the first `filled` are kept. Doubles, so that growing is linear. */
  grow(needed: number, total: number, filled: number): void {
    if (needed <= this.message.length) return;
    const grown = new Uint8Array(Math.min(total, Math.max(needed, this.message.length * 2)));
    grown.set(this.message.subarray(0, filled));
    this.message = grown;
  }

  /** The message is over: back to the kept buffer. */
  shrink(): void {
    this.message = this.#kept;
  }
}
