// Where armed deadlines live: one row of numbers each, in arrays side by side.
//
// A row is 22 bytes of typed array and one reference. It exists only while its deadline is armed, so a name that is
// not in use costs nothing. The rows of one owner form a chain that starts at the owner's `firstDeadline`; a chain has as many
// links as the owner has armed deadlines (two for a quiet connection, never over ten). The links of the wheel's slots
// (`next`, `previous`, `slot`) are kept here too; free rows are chained through `next`.

import type { DeadlineName } from './deadline-names.ts';

/** What `firstDeadline` is when nothing is armed, and the end of every chain. */
export const NO_DEADLINE = -1;

/** Something with deadlines. */
export interface DeadlineOwner {
  /** The wheel's own: starts as `NO_DEADLINE`, and nobody else writes it. */
  firstDeadline: number;
  /** The deadline has passed. It is disarmed already, and may be armed again from here. */
  onTimeout(name: DeadlineName): void;
}

const INITIAL_ROWS = 64;

export class DeadlineTable {
  /** When the deadline is due, in the clock's milliseconds. */
  at = new Float64Array(INITIAL_ROWS);
  next = new Int32Array(INITIAL_ROWS);
  previous = new Int32Array(INITIAL_ROWS);
  /** The same owner's next row. */
  sibling = new Int32Array(INITIAL_ROWS);
  slot = new Uint8Array(INITIAL_ROWS);
  code = new Uint8Array(INITIAL_ROWS);
  readonly owners: (DeadlineOwner | null)[] = [];
  /** Armed rows. */
  size = 0;
  #free = NO_DEADLINE;

  /** The row of that owner and name, or `NO_DEADLINE`. */
  find(owner: DeadlineOwner, code: number): number {
    let row = owner.firstDeadline;
    while (row !== NO_DEADLINE && this.code[row] !== code) row = this.sibling[row];
    return row;
  }

  /** Takes a row for a deadline the owner has not got yet, at the front of the owner's chain. */
  add(owner: DeadlineOwner, code: number, at: number): number {
    let row = this.#free;
    if (row === NO_DEADLINE) {
      row = this.owners.length;
      if (row === this.at.length) this.#grow();
      this.owners.push(owner);
    } else {
      this.#free = this.next[row];
      this.owners[row] = owner;
    }
    this.at[row] = at;
    this.code[row] = code;
    this.sibling[row] = owner.firstDeadline;
    owner.firstDeadline = row;
    this.size++;
    return row;
  }

  /** Gives the row back. The wheel has unlinked it from its slot before. */
  remove(row: number): void {
    const owner = this.owners[row] as DeadlineOwner;
    if (owner.firstDeadline === row) {
      owner.firstDeadline = this.sibling[row];
    } else {
      let before = owner.firstDeadline;
      while (this.sibling[before] !== row) before = this.sibling[before];
      this.sibling[before] = this.sibling[row];
    }
    this.owners[row] = null;
    this.next[row] = this.#free;
    this.#free = row;
    this.size--;
  }

  #grow(): void {
    const rows = this.at.length * 2;
    this.at = grown(this.at, new Float64Array(rows));
    this.next = grown(this.next, new Int32Array(rows));
    this.previous = grown(this.previous, new Int32Array(rows));
    this.sibling = grown(this.sibling, new Int32Array(rows));
    this.slot = grown(this.slot, new Uint8Array(rows));
    this.code = grown(this.code, new Uint8Array(rows));
  }
}

function grown<T extends Float64Array | Int32Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
