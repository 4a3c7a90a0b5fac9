// One header line, `Name: value`: where its parts are, and which of the four headers it is that the engine itself reads.

import { sequenceCharacters } from './limits.ts';

/** The headers the engine reads. `Other` ones are handed on. */
export const Header = { Other: 0, Sequence: 1, Size: 2, Offset: 3, Epoch: 4 } as const;
export type HeaderCode = (typeof Header)[keyof typeof Header];

const space = 0x20;
const colon = 0x3a;

/** For each byte its lower case if it may stand in a name (a token, RFC 9110 5.6.2), else 0. */
const nameByte = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  nameByte[character.charCodeAt(0)] = character.charCodeAt(0);
  nameByte[character.toUpperCase().charCodeAt(0)] = character.charCodeAt(0);
}

/** Index of the colon of the line `bytes[start, end)`, or -1 if what stands before it is not a name. */
export function colonOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && nameByte[bytes[at]] !== 0) at++;
  return at > start && at < end && bytes[at] === colon ? at : -1;
}

export function skipSpaces(bytes: Uint8Array, start: number, end: number): number {
  while (start < end && bytes[start] === space) start++;
  return start;
}

/** `end`, moved back over spaces, but not before `start`. */
export function trimSpaces(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && bytes[end - 1] === space) end--;
  return end;
}

/** Whether `bytes[start, end)` is this name, which is in lower case. */
export function isNamed(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (nameByte[bytes[start + i]] !== name.charCodeAt(i)) return false;
  return true;
}

export function headerOf(bytes: Uint8Array, start: number, end: number): HeaderCode {
  switch (end - start) {
    case 4:
      return isNamed(bytes, start, end, 'size') ? Header.Size : Header.Other;
    case 5:
      return isNamed(bytes, start, end, 'epoch') ? Header.Epoch : Header.Other;
    case 6:
      return isNamed(bytes, start, end, 'offset') ? Header.Offset : Header.Other;
    case 8:
      return isNamed(bytes, start, end, 'sequence') ? Header.Sequence : Header.Other;
    default:
      return Header.Other;
  }
}

/** Whether a text can be a header's name. */
export function isName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff || nameByte[unit] === 0) return false;
  }
  return text !== '';
}

/** Whether `bytes[start, end)` can be a Sequence: 1 to 64 visible ASCII characters. */
export function isSequence(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || end - start > sequenceCharacters) return false;
  for (let at = start; at < end; at++) if (bytes[at] <= space || bytes[at] >= 0x7f) return false;
  return true;
}

/** The number of decimal digits `bytes[start, end)`; -1 for anything else, infinite from 2^53 on. */
export function decimalOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.POSITIVE_INFINITY;
}
