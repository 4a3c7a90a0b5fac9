// HTTP responses by status code. The gateway itself chooses each code, so there are few.

export class ResponseCounts {
  readonly #counts = new Map<number, number>();

  count(status: number): void {
    this.#counts.set(status, this.of(status) + 1);
  }

  of(status: number): number {
    return this.#counts.get(status) ?? 0;
  }

  /** Codes that occurred, in the order of their first response. */
  statuses(): IterableIterator<number> {
    return this.#counts.keys();
  }
}
