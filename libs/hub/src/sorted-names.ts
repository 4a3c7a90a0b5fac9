// Names in order (by UTF-16 code units), for pages of them: blocks of at most `blockSize`, each sorted and none empty. Adding, removing and
// finding cost two binary searches and a move within one block, whatever the number of names.

const blockSize = 512;

export class SortedNames {
  readonly #blocks: string[][] = [];

  /** Adds a name that is not there. */
  add(name: string): void {
    if (this.#blocks.length === 0) this.#blocks.push([]);
    const at = Math.max(0, this.#blockOf(name));
    const block = this.#blocks[at];
    block.splice(lowerBound(block, name), 0, name);
    if (block.length > blockSize) this.#blocks.splice(at + 1, 0, block.splice(blockSize >> 1));
  }

  /** Removes a name that is there. */
  remove(name: string): void {
    const at = this.#blockOf(name);
    const block = this.#blocks[at];
    block.splice(lowerBound(block, name), 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  /** The names from `start` on, `start` too when it is one. Not to be gone on with after a change. */
  *from(start: string): Generator<string, void, undefined> {
    let at = Math.max(0, this.#blockOf(start));
    if (at >= this.#blocks.length) return;
    for (let i = lowerBound(this.#blocks[at], start); at < this.#blocks.length; at++, i = 0) {
      const block = this.#blocks[at];
      for (; i < block.length; i++) yield block[i];
    }
  }

  clear(): void {
    this.#blocks.length = 0;
  }

  /** The last block that begins with the name or one before it, −1 when there is none. */
  #blockOf(name: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle][0] <= name) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function lowerBound(block: readonly string[], name: string): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block[middle] < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
