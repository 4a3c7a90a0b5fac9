// A flat array of entries to be walked while anything may join or leave.
//
// An entry knows its slot, so joining and leaving are O(1): leaving moves the last entry into the hole. During a walk nothing moves: an entry
// that leaves only loses its slot (the walker sees that from the entry's own state), and the end of the walk closes the holes.
//
// Invariant: outside a walk, `entries[i].slot === i` for all i, and `live === entries.length`.

export interface Slotted {
  /** Index in its list, −1 when in none. */
  slot: number;
}

export class FlatList<Entry extends Slotted> {
  readonly entries: Entry[] = [];
  /** Entries that have not left. */
  live = 0;
  /** A walk goes over `entries[0, end)`: what joins during it is not part of it. */
  end = 0;
  #walking = false;
  #holes = false;

  add(entry: Entry): void {
    entry.slot = this.entries.length;
    this.entries.push(entry);
    this.live++;
  }

  remove(entry: Entry): void {
    const slot = entry.slot;
    entry.slot = -1;
    this.live--;
    if (this.#walking) {
      this.#holes = true;
      return;
    }
    const last = this.entries.pop();
    if (last !== undefined && last !== entry) {
      this.entries[slot] = last;
      last.slot = slot;
    }
  }

  beginWalk(): void {
    this.#walking = true;
    this.end = this.entries.length;
  }

  endWalk(): void {
    this.#walking = false;
    if (!this.#holes) return;
    this.#holes = false;
    let kept = 0;
    for (const entry of this.entries) {
      if (entry.slot < 0) continue;
      entry.slot = kept;
      this.entries[kept++] = entry;
    }
    this.entries.length = kept;
  }
}
