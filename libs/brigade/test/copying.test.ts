import { describe, expect, it } from 'vitest';
import { copyBytes } from '../src/index.ts';

describe.each([
  ['a Uint8Array', Uint8Array.from([1, 2, 3, 4, 5])],
  ['a Node Buffer, whose slice() is a view', Buffer.from([1, 2, 3, 4, 5])],
  ['a view into a larger array', Uint8Array.from([9, 1, 2, 3, 4, 5, 9]).subarray(1, 6)],
])('a copy of %s', (_, source) => {
  it.each([
    [0, 5],
    [1, 4],
    [2, 2],
  ])('[%i, %i) is plain, as long as it needs to be, and stays when the source changes', (start, end) => {
    const copy = copyBytes(source, start, end);
    const kept = Uint8Array.from(source);
    source.fill(0xe5);
    expect([...copy]).toEqual([1, 2, 3, 4, 5].slice(start, end));
    expect(copy.constructor).toBe(Uint8Array);
    expect(copy.buffer.byteLength).toBe(end - start);
    source.set(kept);
  });

  it('is of all bytes by default', () => {
    expect([...copyBytes(source)]).toEqual([1, 2, 3, 4, 5]);
  });
});
