// Who carries which tag.

import { HubError } from './errors.ts';
import { FlatList, type Slotted } from './flat-list.ts';
import type { MemberEntry } from './member.ts';

const maxTagLength = 255;

/** Throws a `HubError` (`tagInvalid`) when the text is no tag. */
export function assertTag(tag: string): void {
  if (tag.length === 0 || tag.length > maxTagLength) throw new HubError('tagInvalid', `a tag has 1 to ${maxTagLength} characters`);
}

/** One member's carrying of one tag. */
export class Tagging implements Slotted {
  readonly tag: string;
  readonly member: MemberEntry;
  /** Messages up to this sequence came before it. */
  readonly after: number;
  slot = -1;

  constructor(tag: string, member: MemberEntry, after: number) {
    this.tag = tag;
    this.member = member;
    this.after = after;
  }
}

export class TagIndex {
  readonly #byTag = new Map<string, FlatList<Tagging>>();

  /** Tags somebody carries. */
  get size(): number {
    return this.#byTag.size;
  }

  get(tag: string): FlatList<Tagging> | undefined {
    return this.#byTag.get(tag);
  }

  add(tag: string, member: MemberEntry, after: number): Tagging {
    let list = this.#byTag.get(tag);
    if (list === undefined) {
      list = new FlatList();
      this.#byTag.set(tag, list);
    }
    const tagging = new Tagging(tag, member, after);
    list.add(tagging);
    return tagging;
  }

  remove(tagging: Tagging): void {
    const list = this.#byTag.get(tagging.tag);
    list?.remove(tagging);
    if (list?.live === 0) this.#byTag.delete(tagging.tag);
  }
}
