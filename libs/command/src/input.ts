// The bytes an engine has been lent and has not used: the caller's buffer, or after `setaside` a copy of the engine's own,
// which further bytes may be added to.
//
// Invariant: 0 <= pos <= end <= bytes.length; with nothing unread no buffer is referenced once `drop` was called.

import { copyBytes } from '@sluice/brigade';
import { UsageError } from './failure.ts';

const nothing = new Uint8Array(0);

export class Input {
  bytes: Uint8Array = nothing;
  pos = 0;
  end = 0;
  /** The peer will send no more. */
  ended = false;
  /** `bytes` is the engine's own. */
  #isOwn = false;

  get isEmpty(): boolean {
    return this.pos === this.end;
  }

  get heldBytes(): number {
    return this.#isOwn ? this.end - this.pos : 0;
  }

  /** Throws `UsageError` for bytes that cannot be taken now. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw new UsageError(`no bytes [${start}, ${end})`);
    if (this.ended) throw new UsageError('bytes after receiveEnd()');
    if (this.isEmpty) {
      this.bytes = bytes;
      this.pos = start;
      this.end = end;
      this.#isOwn = false;
    } else if (this.#isOwn) {
      this.#add(bytes, start, end);
    } else {
      throw new UsageError('bytes while lent ones are unread: call next() until NeedData, or setaside()');
    }
  }

  /** Copies what is unread out of the caller's buffer. */
  setaside(): void {
    if (this.#isOwn || this.isEmpty) return;
    this.bytes = copyBytes(this.bytes, this.pos, this.end);
    this.end -= this.pos;
    this.pos = 0;
    this.#isOwn = true;
  }

  /** Lets go of the buffer, with what is unread. */
  drop(): void {
    this.bytes = nothing;
    this.pos = 0;
    this.end = 0;
    this.#isOwn = false;
  }

  /** Room is doubled when it runs out, so that many small additions cost no more than one large. */
  #add(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.end + length > this.bytes.length) {
      const unread = this.end - this.pos;
      const own = new Uint8Array((unread + length) * 2);
      own.set(this.bytes.subarray(this.pos, this.end));
      this.bytes = own;
      this.pos = 0;
      this.end = unread;
    }
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += length;
  }
}
