import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../../src/static/ranges.ts';

describe('parseRange', () => {
  it.each([
    ['bytes=0-499', 0, 500],
    ['bytes=-500', 9500, 10_000],
    ['bytes=9500-', 9500, 10_000],
    ['bytes=9999-20000', 9999, 10_000],
    ['bytes=-20000', 0, 10_000],
    ['BYTES = 1-1 ', 1, 2],
  ])('%s', (header, start, end) => {
    expect(parseRange(header, 10_000)).toEqual({ start, end });
  });

  it.each(['bytes=10000-', 'bytes=-0', 'bytes=10000-99999'])('%s is unsatisfiable', (header) => {
    expect(parseRange(header, 10_000)).toBe('unsatisfiable');
  });

  it.each([undefined, '', 'bytes=', 'bytes=5-3', 'bytes=0-0,-1', 'bytes=1-2-3', 'pages=1-2', 'bytes=-'])('%j is the whole', (header) => {
    expect(parseRange(header, 10_000)).toBe('whole');
  });

  it('of an empty file nothing is satisfiable', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) expect(parseRange(header, 0)).toBe('unsatisfiable');
  });

  it('never leads out of the file', () => {
    const bound = fc.oneof(fc.nat(20), fc.nat());
    fc.assert(
      fc.property(bound, bound, fc.constantFrom('first-last', 'first-', '-last'), fc.nat(20), (first, last, form, size) => {
        const answer = parseRange(`bytes=${form.replace('first', String(first)).replace('last', String(last))}`, size);
        if (typeof answer === 'string') return true;
        return answer.start >= 0 && answer.start < answer.end && answer.end <= size;
      }),
    );
  });
});
