// Where a pane stands in a topic: everything up to `offset` of `epoch` has been shown.
//
// Offsets of one topic count up by one within an epoch, so every message is either the next one, one that was shown
// before, or proof that some are missing. Nothing is shown twice, and nothing is missing in silence.

export class Position {
  #epoch = null;
  #offset = 0;
  /** How many missing messages the server has told of since the last message; Infinity when it did not know. */
  #told = 0;
  /** Whether a message brought us here, rather than the server's word. */
  #shown = false;

  /** `epoch:offset` to resume from, or `null` before the first message. */
  get since() {
    return this.#epoch === null ? null : `${this.#epoch}:${this.#offset}`;
  }

  get epoch() {
    return this.#epoch;
  }

  get offset() {
    return this.#offset;
  }

  /**
   * Moves on to a message. Answers `duplicate` for one that was shown before; `restarted` for the first of another epoch,
   * `gap` (with how many are missing) where a hole is larger than had been told; `next` otherwise.
   */
  accept(epoch, offset) {
    if (epoch !== this.#epoch) {
      const expected = !this.#shown || this.#told > 0;
      this.#move(epoch, offset, true);
      return { kind: expected ? 'next' : 'restarted', missing: 0 };
    }
    if (offset <= this.#offset) return { kind: 'duplicate', missing: 0 };
    const missing = offset - this.#offset - 1 - this.#told;
    this.#move(epoch, offset, true);
    return missing > 0 ? { kind: 'gap', missing } : { kind: 'next', missing: 0 };
  }

  /** Takes the server's word for where we are, when nothing else has said it. The epoch may be another than the messages'. */
  adopt(epoch, offset) {
    if (this.#epoch === null && typeof epoch === 'string' && epoch !== '') this.#move(epoch, offset, false);
  }

  /** The server has said how many messages are missing (-1: it cannot know), so that much of a hole is no news. */
  gapTold(missed) {
    this.#told += missed < 0 ? Infinity : missed;
  }

  /** `epoch:offset` as an event's id has it; `null` for anything else. */
  static parse(id) {
    const colon = id.lastIndexOf(':');
    const offset = Number(id.slice(colon + 1));
    return colon > 0 && Number.isSafeInteger(offset) ? { epoch: id.slice(0, colon), offset } : null;
  }

  #move(epoch, offset, shown) {
    this.#epoch = epoch;
    this.#offset = offset;
    this.#shown = shown;
    this.#told = 0;
  }
}
