// Masking (RFC 6455, section 5.3), which is its own inverse: every payload byte is XORed with one of four key bytes in turn.
//
// A key is held as one 32-bit integer whose lowest byte is the one that comes first on the wire. Payloads are changed in place: a few
// bytes one by one, short payloads by 32-bit words, long ones by 64-bit words. Short ones are ORed together on the way, which
// tells for nothing whether a text is plain ASCII and needs no further check; with 64-bit words that would cost more than the check.

import { hasWordsOf, littleEndian, longWordsOf, wordsOf } from './words.ts';

/** From here on 32-bit words are quicker than bytes, if there is a view of them. */
const wordBytes = 16;
/** From here on 64-bit words are quicker, and a view is worth making. */
const longWordBytes = 256;

/**
 * Applies the key to `bytes[start, end)` in place, beginning with the key's first byte. Answers 0 only if all bytes are below 0x80
 * afterwards; other answers say nothing.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): number {
  const length = end - start;
  if (length >= longWordBytes) {
    maskLongWords(bytes, start, end, key);
    return 1;
  }
  if (length >= wordBytes && hasWordsOf(bytes)) return maskWords(bytes, start, end, key);
  return maskBytes(bytes, start, end, key) & 0x80;
}

/** The key as it stands `count` payload bytes later. */
export function turnKey(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  let high = 0;
  for (let at = start, turned = key; at < end; at++) {
    high |= bytes[at] ^= turned & 0xff;
    turned = (turned >>> 8) | (turned << 24);
  }
  return high;
}

function maskWords(bytes: Uint8Array, start: number, end: number, key: number): number {
  const words = wordsOf(bytes);
  const base = bytes.byteOffset;
  const head = -(base + start) & 3;
  let high = head === 0 ? 0 : maskBytes(bytes, start, start + head, key);
  const turned = turnKey(key, head);
  const wide = littleEndian ? turned : swapBytes(turned);
  let word = (base + start + head) >>> 2;
  const stop = (base + end) >>> 2;
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
  const rest = (stop << 2) - base;
  if (rest < end) high |= maskBytes(bytes, rest, end, turned);
  return high & 0x80808080;
}

function maskLongWords(bytes: Uint8Array, start: number, end: number, key: number): void {
  const words = longWordsOf(bytes);
  const base = bytes.byteOffset;
  const head = -(base + start) & 7;
  maskBytes(bytes, start, start + head, key);
  const turned = turnKey(key, head);
  const half = BigInt((littleEndian ? turned : swapBytes(turned)) >>> 0);
  const wide = BigInt.asIntN(64, (half << 32n) | half);
  const stop = (base + end) >>> 3;
  for (let word = (base + start + head) >>> 3; word < stop; word++) words[word] = BigInt.asIntN(64, words[word] ^ wide);
  maskBytes(bytes, (stop << 3) - base, end, turned);
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
