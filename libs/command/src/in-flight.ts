// The sequences of requests that wait for their replies. A connection that asks nothing holds no table.

export class InFlight {
  #sequences: Set<string> | null = null;

  get count(): number {
    return this.#sequences === null ? 0 : this.#sequences.size;
  }

  has(sequence: string): boolean {
    return this.#sequences !== null && this.#sequences.has(sequence);
  }

  /** False if it is there already. */
  add(sequence: string): boolean {
    const sequences = (this.#sequences ??= new Set());
    if (sequences.has(sequence)) return false;
    sequences.add(sequence);
    return true;
  }

  /** False if it is not there. */
  remove(sequence: string): boolean {
    return this.#sequences !== null && this.#sequences.delete(sequence);
  }

  clear(): void {
    this.#sequences = null;
  }
}
