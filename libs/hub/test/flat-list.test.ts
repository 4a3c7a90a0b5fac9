import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlatList, type Slotted } from '../src/flat-list.ts';

interface Entry extends Slotted {
  readonly name: number;
}

function expectInvariant(list: FlatList<Entry>): void {
  expect(list.entries.map((entry) => entry.slot)).toEqual(list.entries.map((_entry, i) => i));
  expect(list.live).toBe(list.entries.length);
}

describe('a flat list', () => {
  it('keeps exactly those who have not left, within and outside walks', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ act: fc.constantFrom('add', 'remove', 'begin', 'end'), at: fc.nat(30) })), (steps) => {
        const list = new FlatList<Entry>();
        const inside = new Set<Entry>();
        let walking = false;
        let made = 0;
        for (const { act, at } of steps) {
          const all = [...inside];
          if (act === 'add') {
            const entry: Entry = { slot: -1, name: made++ };
            list.add(entry);
            inside.add(entry);
          } else if (act === 'remove' && all.length > 0) {
            const entry = all[at % all.length];
            list.remove(entry);
            inside.delete(entry);
            expect(entry.slot).toBe(-1);
          } else if (act === 'begin' && !walking) {
            list.beginWalk();
            walking = true;
          } else if (act === 'end' && walking) {
            list.endWalk();
            walking = false;
          }
          expect(list.live).toBe(inside.size);
          if (!walking) expectInvariant(list);
          expect(new Set(list.entries.filter((entry) => entry.slot >= 0))).toEqual(inside);
        }
      }),
    );
  });

  it('moves nothing during a walk', () => {
    const list = new FlatList<Entry>();
    const entries = [0, 1, 2, 3].map((name) => ({ slot: -1, name }));
    for (const entry of entries) list.add(entry);
    list.beginWalk();
    list.remove(entries[0]);
    list.remove(entries[2]);
    list.add({ slot: -1, name: 4 });
    expect(list.end).toBe(4);
    expect(list.entries.map((entry) => entry.name)).toEqual([0, 1, 2, 3, 4]);
    list.endWalk();
    expect(list.entries.map((entry) => entry.name)).toEqual([1, 3, 4]);
    expectInvariant(list);
  });
});
