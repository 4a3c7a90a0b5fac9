import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyInto } from '../src/copying.ts';

it('copies what is asked for and nothing else, however long', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.nat(400), fc.nat(400), fc.nat(20), (from, a, b, at) => {
      const [start, end] = [a % from.length, b % (from.length + 1)].sort((x, y) => x - y);
      const into = new Uint8Array(500).fill(7);
      copyInto(from, start, end, into, at);
      const expected = new Uint8Array(500).fill(7);
      expected.set(from.subarray(start, end), at);
      expect(into).toEqual(expected);
    }),
  );
});
