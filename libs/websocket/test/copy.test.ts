import { describe, expect, it } from 'vitest';
import { copyInto } from '../src/copy.ts';

describe('copyInto', () => {
  it.each([0, 1, 16, 17, 23, 24, 25, 64, 127, 128, 129, 500])('copies %i bytes and nothing around them, however often', (length) => {
    const from = Uint8Array.from({ length: 520 }, (_, index) => index * 7).subarray(3);
    const into = new Uint8Array(new ArrayBuffer(530), 5);
    for (let time = 0; time < 4; time++) {
      into.fill(0xaa);
      copyInto(from, time, time + length, into, 9 + time);
      expect([...into.subarray(9 + time, 9 + time + length)]).toEqual([...from.subarray(time, time + length)]);
      expect(into.subarray(0, 9 + time).every((byte) => byte === 0xaa)).toBe(true);
      expect(into.subarray(9 + time + length).every((byte) => byte === 0xaa)).toBe(true);
    }
  });

  it('does not mistake one array for another', () => {
    const arrays = [1, 2, 3].map((byte) => new Uint8Array(64).fill(byte));
    const into = [new Uint8Array(64), new Uint8Array(64)];
    for (const [from, to] of [[0, 0], [0, 0], [1, 0], [1, 1], [1, 1], [2, 1], [0, 0]]) {
      copyInto(arrays[from], 0, 64, into[to], 0);
      expect([...into[to]]).toEqual([...arrays[from]]);
    }
  });
});
