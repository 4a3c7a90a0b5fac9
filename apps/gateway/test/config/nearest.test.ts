import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../src/config/nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['http', 'htpt', 1],
    ['http', 'htt', 1],
    ['kitten', 'sitting', 3],
  ])('%s to %s', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is symmetric, zero only for the same word, and never more than the longer word', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('nearest', () => {
  it('finds a word with a slip in it', () => {
    expect(nearest('maxHeders', ['maxBodyBytes', 'maxHeaders'])).toBe('maxHeaders');
    expect(nearest('MAXHEADERS', ['maxHeaders'])).toBe('maxHeaders');
  });
  it('does not guess wildly', () => {
    expect(nearest('qqq', ['http', 'admin'])).toBeNull();
    expect(nearest('ab', ['xy'])).toBeNull();
  });
});
