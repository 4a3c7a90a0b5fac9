import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interleaveFamilies } from '../../src/index.ts';

describe('the order of addresses (RFC 8305, section 4)', () => {
  it('lets the families take turns, beginning with the preferred one', () => {
    expect(interleaveFamilies(['::1', '::2', '::3', '10.0.0.1', '10.0.0.2'])).toEqual(['::1', '10.0.0.1', '::2', '10.0.0.2', '::3']);
    expect(interleaveFamilies(['10.0.0.1', '10.0.0.2', '10.0.0.3', '::1'])).toEqual(['10.0.0.1', '::1', '10.0.0.2', '10.0.0.3']);
  });

  it('leaves one family as it is', () => {
    expect(interleaveFamilies(['10.0.0.3', '10.0.0.1', '10.0.0.2'])).toEqual(['10.0.0.3', '10.0.0.1', '10.0.0.2']);
    expect(interleaveFamilies([])).toEqual([]);
  });

  it('gives each address once, and keeps the order within a family', () => {
    const address = fc.oneof(fc.integer({ min: 0, max: 9 }).map((n) => `10.0.0.${n}`), fc.integer({ min: 0, max: 9 }).map((n) => `::${n}`));
    fc.assert(
      fc.property(fc.array(address), (addresses) => {
        const ordered = interleaveFamilies(addresses);
        const family = (all: readonly string[], v6: boolean) => [...new Set(all)].filter((one) => one.includes(':') === v6);
        expect(new Set(ordered).size).toBe(ordered.length);
        for (const v6 of [true, false]) expect(family(ordered, v6)).toEqual(family(addresses, v6));
        expect(ordered[0]).toBe(addresses[0]);
      }),
    );
  });
});
