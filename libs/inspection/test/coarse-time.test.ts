import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSpan, encodeSpan } from '../src/coarse-time.ts';

describe('a span in a byte', () => {
  it('is exact below 16 ms', () => {
    for (let ms = 0; ms < 16; ms++) expect(decodeSpan(encodeSpan(ms))).toBe(ms);
  });

  it('is rounded down by less than an eighth', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 2 ** 31 - 1, noNaN: true }), (ms) => {
        const back = decodeSpan(encodeSpan(ms));
        expect(back).toBeLessThanOrEqual(ms);
        expect(back).toBeGreaterThan((Math.floor(ms) * 8) / 9);
      }),
    );
  });

  it('fits into a byte, whatever the span, and keeps the order', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (one, other) => {
        const codes = [Math.min(one, other), Math.max(one, other)].map(encodeSpan);
        expect(codes[0]).toBeLessThanOrEqual(codes[1]);
        for (const code of codes) expect(Number.isInteger(code) && code >= 0 && code <= 255).toBe(true);
      }),
    );
  });

  it('takes longer spans for 24 days', () => {
    expect(decodeSpan(encodeSpan(Infinity))).toBe(15 * 2 ** 27);
  });
});
