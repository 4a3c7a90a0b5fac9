import { describe, expect, it } from 'vitest';
import { hasWordsOf, longWordsOf, wordsOf } from '../src/words.ts';

describe('Views of words', () => {
  it('cover the whole memory under an array, without a rest', () => {
    const bytes = new Uint8Array(new ArrayBuffer(23), 3, 5);
    expect([wordsOf(bytes).byteOffset, wordsOf(bytes).length]).toEqual([0, 5]);
    expect([longWordsOf(bytes).byteOffset, longWordsOf(bytes).length]).toEqual([0, 2]);
    expect(wordsOf(bytes).buffer).toBe(bytes.buffer);
  });

  it('are made once for arrays over the same memory, and anew for other memory', () => {
    const memory = new ArrayBuffer(16);
    const words = wordsOf(new Uint8Array(memory, 0, 8));
    expect(wordsOf(new Uint8Array(memory, 8))).toBe(words);
    expect(wordsOf(new Uint8Array(16))).not.toBe(words);
  });

  it('are worth making for an array that comes a second time', () => {
    const bytes = new Uint8Array(16);
    expect(hasWordsOf(bytes)).toBe(false);
    expect(hasWordsOf(bytes)).toBe(true);
    wordsOf(bytes);
    const other = new Uint8Array(16);
    expect(hasWordsOf(other)).toBe(false);
    expect(hasWordsOf(bytes)).toBe(true);
  });
});
