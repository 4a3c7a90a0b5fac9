import { describe, expect, it } from 'vitest';
import { Assembly } from '../src/assembly.ts';

const pattern = Uint8Array.from({ length: 256 }, (_, index) => index);

describe('Assembly', () => {
  it('joins pieces of any size', () => {
    const assembly = new Assembly();
    const expected: number[] = [];
    for (const [start, end] of [[0, 1], [1, 1], [1, 90], [0, 256], [7, 251]]) {
      assembly.append(pattern, start, end, 0);
      expected.push(...pattern.subarray(start, end));
    }
    expect([...assembly.bytes.subarray(0, assembly.length)]).toEqual(expected);
  });

  it('sets aside no more than the known total, and never much more than has come', () => {
    const small = new Assembly();
    small.append(pattern, 0, 10, 300);
    expect(small.bytes.length).toBe(300);
    const announced = new Assembly();
    announced.append(pattern, 0, 256, 1024 * 1024);
    expect(announced.bytes.length).toBe(4096);
    while (announced.length < 1024 * 1024) {
      announced.append(pattern, 0, 256, 1024 * 1024);
      expect(announced.bytes.length).toBeLessThanOrEqual(Math.max(4096, 2 * announced.length));
    }
    expect(announced.bytes.length).toBe(1024 * 1024);
  });
});
