import { describe, expect, it } from 'vitest';
import { hasWordsOf, wordsOf } from '../src/words.ts';

describe('wordsOf', () => {
  it('views the whole memory under an array, without a rest of less than four bytes', () => {
    const bytes = new Uint8Array(new ArrayBuffer(11), 3, 5);
    const words = wordsOf(bytes);
    expect(words.buffer).toBe(bytes.buffer);
    expect(words.byteOffset).toBe(0);
    expect(words.length).toBe(2);
  });

  it('makes one view for arrays over the same memory, and another for other memory', () => {
    const memory = new ArrayBuffer(16);
    const first = new Uint8Array(memory, 0, 8);
    const second = new Uint8Array(memory, 8);
    const words = wordsOf(first);
    expect(hasWordsOf(first)).toBe(true);
    expect(hasWordsOf(second)).toBe(false);
    expect(wordsOf(second)).toBe(words);
    expect(wordsOf(new Uint8Array(16))).not.toBe(words);
  });
});
