import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectPage } from '../../src/inspection/select-page.ts';

describe('selectPage', () => {
  it('gives what sorting everything would give', () => {
    const list = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 });
    fc.assert(
      fc.property(list, fc.nat(220), fc.integer({ min: 1, max: 50 }), (keys, offset, limit) => {
        const compare = (one: number, other: number) => keys[one]! - keys[other]! || one - other;
        const sorted = keys.map((_, index) => index).sort(compare);
        expect([...selectPage(keys.length, compare, offset, limit)]).toEqual(sorted.slice(offset, offset + limit));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, (index: number) => number]>([
    ['in order', (index) => index],
    ['backwards', (index) => -index],
    ['all alike', () => 0],
    ['up and down', (index) => -Math.abs(index - 50_000)],
  ])('looks at each of 100,000 only a few times, for a page in the middle, %s', (_what, key) => {
    const count = 100_000;
    let compared = 0;
    const compare = (one: number, other: number) => {
      compared++;
      return key(one) - key(other) || one - other;
    };
    const page = selectPage(count, compare, 50_000, 100);
    expect(page).toHaveLength(100);
    expect(compared).toBeLessThan(20 * count);
  });
});
