// The four forms of a request target (RFC 9112 3.2), found once by offsets.

import { hexValue, tokenLower } from './characters.ts';
import { isAuthority } from './host.ts';

export type TargetForm = 'origin' | 'absolute' | 'authority' | 'asterisk';

const ASTERISK = 42;
const PERCENT = 37;
const SLASH = 47;
const COLON = 58;

/** Offsets into the head's buffer; -1 where there is no such part. */
export class TargetParts {
  form: TargetForm = 'origin';
  start = 0;
  end = 0;
  authorityStart = -1;
  authorityEnd = -1;
  pathStart = 0;
  pathEnd = 0;
  /** After the `?`. */
  queryStart = -1;
  /** There is a `%` somewhere, whose digits are still to be checked. */
  hasPercent = false;

  reset(): void {
    this.form = 'origin';
    this.start = 0;
    this.end = 0;
    this.authorityStart = -1;
    this.authorityEnd = -1;
    this.pathStart = 0;
    this.pathEnd = 0;
    this.queryStart = -1;
    this.hasPercent = false;
  }
}

/** Finds the form and the parts; `start`, `end` and `queryStart` are set, and every byte is one a target may hold. */
export function parseTarget(text: Uint8Array, method: string, parts: TargetParts): boolean {
  const { start, end } = parts;
  if (parts.hasPercent && !percentsAreEncoded(text, start, end)) return false;
  parts.pathStart = start;
  parts.pathEnd = parts.queryStart < 0 ? end : parts.queryStart - 1;
  if (method === 'CONNECT') {
    parts.form = 'authority';
    parts.authorityStart = start;
    parts.authorityEnd = end;
    parts.pathEnd = start;
    return parts.queryStart < 0 && isAuthority(text, start, end, true, true);
  }
  if (text[start] === SLASH) return true;
  if (text[start] === ASTERISK) {
    parts.form = 'asterisk';
    return end - start === 1 && method === 'OPTIONS';
  }
  return parseAbsolute(text, parts);
}

function parseAbsolute(text: Uint8Array, parts: TargetParts): boolean {
  const { start, pathEnd } = parts;
  let at = start;
  while (at < pathEnd && isSchemeByte(text[at], at === start)) at++;
  if (at === start || at + 3 > pathEnd) return false;
  if (text[at] !== COLON || text[at + 1] !== SLASH || text[at + 2] !== SLASH) return false;
  const authorityStart = at + 3;
  at = authorityStart;
  while (at < pathEnd && text[at] !== SLASH) at++;
  parts.form = 'absolute';
  parts.authorityStart = authorityStart;
  parts.authorityEnd = at;
  parts.pathStart = at;
  return isAuthority(text, authorityStart, at, true, false);
}

/** ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) */
function isSchemeByte(byte: number, isFirst: boolean): boolean {
  const lower = tokenLower[byte];
  if (lower >= 97 && lower <= 122) return true;
  return !isFirst && ((byte >= 48 && byte <= 57) || byte === 43 || byte === 45 || byte === 46);
}

function percentsAreEncoded(text: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (text[at] === PERCENT && (at + 2 >= end || hexValue[text[at + 1]] < 0 || hexValue[text[at + 2]] < 0)) return false;
  }
  return true;
}
