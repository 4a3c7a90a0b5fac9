import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedNames } from '../src/sorted-names.ts';

it('gives the names in order from anywhere, through any additions and removals', () => {
  const name = fc.string({ maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.record({ name, start: name }), { maxLength: 200 }), (steps) => {
      const names = new SortedNames();
      const plain = new Set<string>();
      for (const step of steps) {
        if (plain.delete(step.name)) names.remove(step.name);
        else {
          names.add(step.name);
          plain.add(step.name);
        }
        expect([...names.from(step.start)]).toEqual([...plain].filter((each) => each >= step.start).sort());
      }
    }),
  );
});

it('does so with more names than a block holds, whatever the order they come and go in', () => {
  const names = new SortedNames();
  const all = Array.from({ length: 5000 }, (_, i) => String((i * 2654435761) % 4294967296).padStart(10, '0'));
  for (const each of all) names.add(each);
  const sorted = [...all].sort();
  expect([...names.from('')]).toEqual(sorted);
  expect(names.from(sorted[4000]).next().value).toBe(sorted[4000]);
  for (const each of all.slice(0, 4990)) names.remove(each);
  expect([...names.from('')]).toEqual(all.slice(4990).sort());
  names.clear();
  expect([...names.from('')]).toEqual([]);
});
