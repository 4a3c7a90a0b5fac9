// The part of a long list that is here. The server holds the list; the page asks for the rows on screen and some around them, once a
// second and whenever others come into view.

export interface Part<Row> {
  readonly offset: number;
  readonly matched: number;
  readonly total: number;
  readonly rows: readonly Row[];
}

/** Rows that are asked for beyond those on screen, on each side. */
const margin = 20;
/** Of one request. */
const largest = 200;
/** Rows farther away than this from those that came last are dropped. */
const reach = 400;

export class RowWindow<Row> {
  readonly #rows = new Map<number, Row>();
  #matched = 0;
  #total = 0;
  #isKnown = false;

  /** Rows that fit the filter, at the server. */
  get matched(): number {
    return this.#matched;
  }

  get total(): number {
    return this.#total;
  }

  /** Whether an answer has come at all. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  at(index: number): Row | undefined {
    return this.#rows.get(index);
  }

  /** What to ask for when the rows from `first` to `last` are on screen. */
  wanted(first: number, last: number): { offset: number; limit: number } {
    const offset = Math.max(0, first - margin);
    return { offset, limit: Math.min(largest, last + margin + 1 - offset) };
  }

  /** Whether a row on screen is not here. */
  lacks(first: number, last: number): boolean {
    if (!this.#isKnown) return true;
    for (let index = first; index <= Math.min(last, this.#matched - 1); index++) if (!this.#rows.has(index)) return true;
    return false;
  }

  put({ offset, matched, total, rows }: Part<Row>): void {
    this.#isKnown = true;
    this.#matched = matched;
    this.#total = total;
    for (const index of this.#rows.keys()) {
      if (index >= matched || index < offset - reach || index > offset + rows.length + reach) this.#rows.delete(index);
    }
    rows.forEach((row, i) => this.#rows.set(offset + i, row));
  }

  /** Another filter or order: all of it is another list. */
  clear(): void {
    this.#rows.clear();
    this.#isKnown = false;
  }

  /** Where a row is, among those that are here. */
  find(is: (row: Row) => boolean): number | null {
    for (const [index, row] of this.#rows) if (is(row)) return index;
    return null;
  }
}
