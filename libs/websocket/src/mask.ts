// Masking (RFC 6455, section 5.3), which is its own inverse: every payload byte is XORed with one of four key bytes in turn.
//
// A key is held as one 32-bit integer whose lowest byte is the one that comes first on the wire. Payloads are changed in place, by
// whole words where they are long enough for that; on the way the bytes that come out are ORed together, which tells for nothing
// whether a text is plain ASCII and needs no further check.

import { hasWordsOf, littleEndian, wordsOf } from './words.ts';

/** From here on a view of words is worth making; shorter payloads use it only if it is there already. */
const viewBytes = 256;
/** From here on words are quicker than bytes. */
const wordBytes = 16;

/**
 * Applies the key to `bytes[start, end)` in place, beginning with the key's first byte. Answers 0 if all bytes are below 0x80 afterwards,
 * and something else if not.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): number {
  const length = end - start;
  if (length >= wordBytes && (length >= viewBytes || hasWordsOf(bytes))) return applyMaskToWords(bytes, start, end, key);
  let high = 0;
  for (let at = start, turned = key; at < end; at++) {
    high |= bytes[at] ^= turned & 0xff;
    turned = (turned >>> 8) | (turned << 24);
  }
  return high & 0x80;
}

function applyMaskToWords(bytes: Uint8Array, start: number, end: number, key: number): number {
  const words = wordsOf(bytes);
  const base = bytes.byteOffset;
  let high = 0;
  let turned = key;
  let at = start;
  while (((base + at) & 3) !== 0) {
    high |= bytes[at] ^= turned & 0xff;
    turned = (turned >>> 8) | (turned << 24);
    at++;
  }
  const wide = littleEndian ? turned : swapBytes(turned);
  let word = (base + at) >>> 2;
  const stop = (base + end) >>> 2;
  at = (stop << 2) - base;
  for (const unrolled = stop - 3; word < unrolled; word += 4) {
    const a = words[word] ^ wide;
    const b = words[word + 1] ^ wide;
    const c = words[word + 2] ^ wide;
    const d = words[word + 3] ^ wide;
    words[word] = a;
    words[word + 1] = b;
    words[word + 2] = c;
    words[word + 3] = d;
    high |= a | b | c | d;
  }
  for (; word < stop; word++) high |= words[word] ^= wide;
  for (; at < end; at++) {
    high |= bytes[at] ^= turned & 0xff;
    turned = (turned >>> 8) | (turned << 24);
  }
  return high & 0x80808080;
}

/** The key as it stands `count` payload bytes later. */
export function turnKey(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
