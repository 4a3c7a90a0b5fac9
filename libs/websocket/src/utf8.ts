// UTF-8 (RFC 3629), checked piece by piece as bytes arrive, and encoded and decoded for the few short strings of the protocol.
//
// A check carries one integer from piece to piece: 0 between code points, -1 once the text is broken, and otherwise what the
// code point at hand still lacks: `missing | lowest << 8 | highest << 16`, the count of continuation bytes that follow and the
// range the very next one must be in. That range is what tells overlong forms (E0, F0), surrogates (ED) and code points
// beyond U+10FFFF (F4) at the first byte that cannot be right. ASCII is skipped in whole words.

import { copyBytes } from '@sluice/brigade';
import { longWordsOf } from './words.ts';

/** The state of a check between two code points: as it begins, and as it must end. */
export const utf8Start = 0;
/** The state of a check that has failed. It stays so. */
export const utf8Broken = -1;

const anyContinuation = (0x80 << 8) | (0xbf << 16);

/** What a lead byte of 0x80 and above asks for. */
function afterLead(lead: number): number {
  if (lead < 0xc2) return utf8Broken;
  if (lead < 0xe0) return 1 | anyContinuation;
  if (lead < 0xf0) {
    if (lead === 0xe0) return 2 | (0xa0 << 8) | (0xbf << 16);
    if (lead === 0xed) return 2 | (0x80 << 8) | (0x9f << 16);
    return 2 | anyContinuation;
  }
  if (lead === 0xf0) return 3 | (0x90 << 8) | (0xbf << 16);
  if (lead < 0xf4) return 3 | anyContinuation;
  return lead === 0xf4 ? 3 | (0x80 << 8) | (0x8f << 16) : utf8Broken;
}

/** How long a run must be for the word loop to be worth its set-up. */
const wordRunBytes = 64;

/**
 * Goes on with a check over `bytes[start, end)`. Answers the new state: `utf8Broken` as soon as no continuation could make the
 * text valid, `utf8Start` when it ends between two code points.
 */
export function checkUtf8(state: number, bytes: Uint8Array, start: number, end: number): number {
  if (state === utf8Broken) return utf8Broken;
  let at = start;
  let expected = state;
  for (;;) {
    while (expected !== utf8Start) {
      if (at === end) return expected;
      const byte = bytes[at++];
      if (byte < ((expected >> 8) & 0xff) || byte > expected >> 16) return utf8Broken;
      const missing = (expected & 0xff) - 1;
      expected = missing === 0 ? utf8Start : missing | anyContinuation;
    }
    // One long run of ASCII is passed in words; between code points of other scripts the byte loop is quicker.
    if (end - at >= wordRunBytes && bytes[at] < 0x80) at = skipAscii(bytes, at, end);
    while (at < end && bytes[at] < 0x80) at++;
    if (at === end) return utf8Start;
    expected = afterLead(bytes[at++]);
    if (expected === utf8Broken) return utf8Broken;
  }
}

/** Of eight bytes, the bits that ASCII does not have. */
const highBits = -0x7f7f7f7f7f7f7f80n;

/** Goes on over a run of ASCII that begins at `start`: to its first other byte, or some bytes before that. */
function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  const base = bytes.byteOffset;
  let at = start;
  while (((base + at) & 7) !== 0) {
    if (bytes[at] >= 0x80) return at;
    at++;
  }
  const words = longWordsOf(bytes);
  let word = (base + at) >>> 3;
  const stop = ((base + end) >>> 3) - 3;
  while (word < stop && BigInt.asIntN(64, (words[word] | words[word + 1] | words[word + 2] | words[word + 3]) & highBits) === 0n) word += 4;
  return (word << 3) - base;
}

/** Encodes text as UTF-8. Lone surrogates become U+FFFD, as browsers do it. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    let point = text.codePointAt(index) ?? 0;
    if (point > 0xffff) index++;
    else if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) {
      bytes[length++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >> 6);
    } else {
      if (point < 0x10000) {
        bytes[length++] = 0xe0 | (point >> 12);
      } else {
        bytes[length++] = 0xf0 | (point >> 18);
        bytes[length++] = 0x80 | ((point >> 12) & 0x3f);
      }
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
    }
    bytes[length++] = 0x80 | (point & 0x3f);
  }
  return copyBytes(bytes, 0, length);
}

/** Decodes `bytes[start, end)`, which must have passed `checkUtf8`. Meant for short strings such as a close reason. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  while (at < end) {
    const lead = bytes[at++];
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    let missing = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let point = lead & (0x3f >> missing);
    while (missing-- > 0) point = (point << 6) | (bytes[at++] & 0x3f);
    text += String.fromCodePoint(point);
  }
  return text;
}
