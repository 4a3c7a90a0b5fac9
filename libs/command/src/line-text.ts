// Text on its way into a line: checked before a byte is written, so that no text can end its line, and measured, so that a head
// is filled into one piece of memory.

import { UsageError } from './failure.ts';

const space = 0x20;
const del = 0x7f;

/** Bytes of a text in UTF-8. Throws `UsageError` where it has a control character or a lone surrogate. */
export function textBytes(text: string, what: string): number {
  return measure(text, what, true);
}

/** Bytes of a word: as a text, but not empty, and without spaces. */
export function wordBytes(text: string, what: string): number {
  if (text === '') throw new UsageError(`${what} is empty`);
  return measure(text, what, false);
}

function measure(text: string, what: string, mayHaveSpace: boolean): number {
  let bytes = text.length;
  let isAscii = true;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < space || unit === del) throw new UsageError(`${what} ${JSON.stringify(text)} has a control character`);
    if (unit === space && !mayHaveSpace) throw new UsageError(`${what} ${JSON.stringify(text)} has a space`);
    if (unit < 0x80) continue;
    isAscii = false;
    // A surrogate is one of two units that have four bytes together.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  if (!isAscii && !text.isWellFormed()) throw new UsageError(`${what} ${JSON.stringify(text)} has a lone surrogate`);
  return bytes;
}

/** Decimal digits of an integer from 0 to 2^53 - 1. Throws `UsageError` for anything else. */
export function decimal(value: number, what: string): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`${what} is ${value}, not an integer from 0 to 2^53 - 1`);
  return String(value);
}
