// Finds a field in the rest of a head that failed, line by line and without judging them: a page of another origin can only read a refusal
// that names its origin, and the field that says so may stand behind a target that was too long.

import { copyBytes } from '@sluice/brigade';
import { latin1 } from './characters.ts';
import type { Input } from './input.ts';

const maxBytes = 16_384;

/** Copies what is unread, at most 16 KiB of it. */
export function restOfHead({ bytes, pos, end }: Input): Uint8Array {
  return copyBytes(bytes, pos, Math.min(end, pos + maxBytes));
}

/** The value on the first whole line of that name before an empty line, or null. The first line, in which the failure lies, is not looked at. */
export function laterField(bytes: Uint8Array, name: string): string | null {
  const [, ...lines] = latin1(bytes, 0, bytes.length).split('\r\n');
  // The last one is not complete.
  for (const line of lines.slice(0, -1)) {
    if (line === '') return null;
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).toLowerCase() === name.toLowerCase()) return line.slice(colon + 1).trim();
  }
  return null;
}
