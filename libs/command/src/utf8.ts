// UTF-8 for the text of lines (RFC 3629): they are short, and mostly ASCII. Bodies are never decoded here.

/** Whether `bytes[start, end)` is UTF-8: no overlong form, no surrogate, nothing above U+10FFFF, nothing cut off. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/** Bytes of the well-formed sequence that begins at `at`, 0 if there is none (RFC 3629, section 4). */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (bytes[at + 1] < least || bytes[at + 1] > most) return 0;
  for (let i = at + 2; i < at + length; i++) if ((bytes[i] & 0xc0) !== 0x80) return 0;
  return length;
}

/** The text of `bytes[start, end)`, which has to be UTF-8. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  while (at < end) {
    const first = bytes[at++];
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    let point = first < 0xe0 ? first & 0x1f : first < 0xf0 ? first & 0x0f : first & 0x07;
    for (let more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3; more > 0; more--) point = (point << 6) | (bytes[at++] & 0x3f);
    text += String.fromCodePoint(point);
  }
  return text;
}

/** Writes well-formed text at `at` and answers where it ends. */
export function writeText(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      into[at++] = unit;
      continue;
    }
    if (unit < 0x800) {
      into[at++] = 0xc0 | (unit >> 6);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      into[at++] = 0xe0 | (unit >> 12);
      into[at++] = 0x80 | ((unit >> 6) & 0x3f);
    } else {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
      into[at++] = 0xf0 | (point >> 18);
      into[at++] = 0x80 | ((point >> 12) & 0x3f);
      into[at++] = 0x80 | ((point >> 6) & 0x3f);
      into[at++] = 0x80 | (point & 0x3f);
      continue;
    }
    into[at++] = 0x80 | (unit & 0x3f);
  }
  return at;
}
