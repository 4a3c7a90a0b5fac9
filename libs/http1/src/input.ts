// The bytes an engine has been lent and has not used: the caller's buffer, or after `setaside` a copy of the engine's own.
//
// Invariant: start of the buffer <= pos <= end <= bytes.length; nothing unread means that no buffer is referenced.

import { copyBytes } from '@sluice/brigade';
import { UsageError } from './failure.ts';

const nothing = new Uint8Array(0);

export class Input {
  bytes: Uint8Array = nothing;
  pos = 0;
  end = 0;
  /** The peer will send no more. */
  ended = false;
  /** The buffer is the engine's own. */
  private isHeld = false;

  receive(bytes: Uint8Array, start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw new UsageError(`no bytes [${start}, ${end})`);
    if (this.ended) throw new UsageError('bytes after receiveEnd()');
    if (this.pos === this.end) {
      this.bytes = bytes;
      this.pos = start;
      this.end = end;
      this.isHeld = false;
    } else if (this.isHeld) {
      this.extend(bytes, start, end);
    } else {
      throw new UsageError('bytes while lent ones are unread: call next() until NeedData, or setaside()');
    }
  }

  /** Adds to the held bytes; room grows by doubling, so that many small additions stay linear. */
  private extend(bytes: Uint8Array, start: number, end: number): void {
    const unread = this.end - this.pos;
    const needed = unread + end - start;
    if (this.end + end - start > this.bytes.length) {
      const grown = needed * 2 > this.bytes.length ? new Uint8Array(needed * 2) : this.bytes;
      grown.set(this.bytes.subarray(this.pos, this.end));
      this.bytes = grown;
      this.pos = 0;
      this.end = unread;
    }
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += end - start;
  }

  setaside(): void {
    if (this.isHeld || this.pos === this.end) return;
    this.bytes = copyBytes(this.bytes, this.pos, this.end);
    this.pos = 0;
    this.end = this.bytes.length;
    this.isHeld = true;
  }

  /** The unread bytes, copied out and gone from here. */
  take(): Uint8Array {
    const taken = copyBytes(this.bytes, this.pos, this.end);
    this.drop();
    return taken;
  }

  /** Lets go of the buffer, with what is unread. */
  drop(): void {
    this.bytes = nothing;
    this.pos = 0;
    this.end = 0;
    this.isHeld = false;
  }

  get heldBytes(): number {
    return this.isHeld ? this.end - this.pos : 0;
  }
}
