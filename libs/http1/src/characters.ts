// Byte classes of the HTTP grammar, one table lookup each, and the latin1 text that header values are given out as.
//
// RFC 9110 5.6.2 (token), 5.5 (field values), RFC 3986 2 and 3.2.2 (targets and hosts).

export const HTAB = 9;
export const LF = 10;
export const CR = 13;
export const SP = 32;

function classOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = 1;
  return table;
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const alphanumeric = `${upper}${upper.toLowerCase()}0123456789`;

/** The lower-case byte where the byte is a token character, else 0. */
export const tokenLower: Uint8Array = classOf(`!#$%&'*+-.^_\`|~${alphanumeric}`);
for (let c = 0; c < 256; c++) if (tokenLower[c] !== 0) tokenLower[c] = c >= 65 && c <= 90 ? c + 32 : c;

/** 1 for HTAB, SP, visible ASCII and the bytes from 0x80: what a field value or a reason phrase may hold. */
export const fieldValue: Uint8Array = new Uint8Array(256).fill(1, SP);
fieldValue[HTAB] = 1;
fieldValue[127] = 0;

/**
 * 1 for what a query may hold: visible ASCII without `"`, `<`, `>`, `#`. RFC 3986 has fewer; browsers send
 * `{ } | ^ [ ]`, the backtick and the backslash unencoded, so these are let through, verbatim.
 */
export const queryByte: Uint8Array = new Uint8Array(256).fill(1, 33, 127);
for (const c of '"<>#') queryByte[c.charCodeAt(0)] = 0;

/** As `queryByte`, without the backslash (two readings: browsers take it for a slash) and without `?`, which ends a path. */
export const pathByte: Uint8Array = queryByte.slice();
for (const c of '\\?') pathByte[c.charCodeAt(0)] = 0;

/** 1 for unreserved and sub-delims: a registered name without its percent-encoded bytes. */
export const registeredName: Uint8Array = classOf(`-._~!$&'()*+,;=${alphanumeric}`);

/** 1 for what stands between the brackets of an IP literal: IPv6 addresses and IPvFuture. */
export const ipLiteral: Uint8Array = classOf(`:-._~!$&'()*+,;=${alphanumeric}`);

/** The value of a hexadecimal digit, or -1. */
export const hexValue: Int8Array = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  hexValue['0123456789abcdef'.charCodeAt(i)] = i;
  hexValue['0123456789ABCDEF'.charCodeAt(i)] = i;
}

const hashSeed = 0x811c9dc5 | 0;

/** Start of a case-insensitive name hash; fold each byte in with `foldHash`. */
export const emptyHash: number = hashSeed;

export function foldHash(hash: number, lowerByte: number): number {
  return Math.imul(hash ^ lowerByte, 0x01000193);
}

/** Hash of a lower-case name. Only a first filter: whoever finds it equal compares the bytes too. */
export function hashOf(lowerName: string): number {
  let hash = hashSeed;
  for (let i = 0; i < lowerName.length; i++) hash = foldHash(hash, lowerName.charCodeAt(i));
  return hash;
}

/** Whether `text[start, end)` is `expected`, byte by byte. */
export function equals(text: Uint8Array, start: number, end: number, expected: string): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (text[start + i] !== expected.charCodeAt(i)) return false;
  return true;
}

/** As `equals`, without regard to the case of the text; `lowerToken` is a token in lower case. */
export function equalsToken(text: Uint8Array, start: number, end: number, lowerToken: string): boolean {
  if (end - start !== lowerToken.length) return false;
  for (let i = 0; i < lowerToken.length; i++) {
    if (tokenLower[text[start + i]] !== lowerToken.charCodeAt(i)) return false;
  }
  return true;
}

/** One character per byte. Several at a time, because that is how the runtime makes short strings fastest. */
export function latin1(b: Uint8Array, start: number, end: number): string {
  const of = String.fromCharCode;
  let text = '';
  let i = start;
  for (; end - i >= 16; i += 16) {
    text += of(
      b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7],
      b[i + 8], b[i + 9], b[i + 10], b[i + 11], b[i + 12], b[i + 13], b[i + 14], b[i + 15],
    );
  }
  for (; end - i >= 4; i += 4) text += of(b[i], b[i + 1], b[i + 2], b[i + 3]);
  switch (end - i) {
    case 3:
      return text + of(b[i], b[i + 1], b[i + 2]);
    case 2:
      return text + of(b[i], b[i + 1]);
    case 1:
      return text + of(b[i]);
    default:
      return text;
  }
}
