import { describe, expect, it } from 'vitest';
import { copyBytes } from '../src/copy.ts';

describe('copyBytes', () => {
  it.each([0, 1, 64, 96, 97, 500])('copies %i bytes and nothing around them', (length) => {
    const from = Uint8Array.from({ length: 520 }, (_, index) => index);
    const into = new Uint8Array(520).fill(0xaa);
    copyBytes(from, 5, 5 + length, into, 9);
    expect([...into.subarray(9, 9 + length)]).toEqual([...from.subarray(5, 5 + length)]);
    expect(into.subarray(0, 9).every((byte) => byte === 0xaa)).toBe(true);
    expect(into.subarray(9 + length).every((byte) => byte === 0xaa)).toBe(true);
  });
});
