// The first line of a message says what it is. A server is sent requests; a client is sent `OK`, `ERR: <text>`, `MSG topic`,
// `GAP topic` and `BYE: <text>`.

import { skipSpaces, trimSpaces } from './header-line.ts';

export const Kind = { None: 0, Request: 1, Ok: 2, Failure: 3, Publication: 4, Gap: 5, Goodbye: 6 } as const;
export type KindCode = (typeof Kind)[keyof typeof Kind];

const space = 0x20;

/** The message that the line `bytes[start, end)` begins, as a client is sent them; `None` if it begins none. */
export function kindOf(bytes: Uint8Array, start: number, end: number): KindCode {
  if (end - start === 2 && beginsWith(bytes, start, end, 'OK')) return Kind.Ok;
  if (beginsWith(bytes, start, end, 'ERR:')) return Kind.Failure;
  if (beginsWith(bytes, start, end, 'MSG ') && isOneWord(bytes, start + 4, end)) return Kind.Publication;
  if (beginsWith(bytes, start, end, 'GAP ') && isOneWord(bytes, start + 4, end)) return Kind.Gap;
  if (beginsWith(bytes, start, end, 'BYE:')) return Kind.Goodbye;
  return Kind.None;
}

/** Whether the line of a request has a command: anything but spaces. */
export function hasCommand(bytes: Uint8Array, start: number, end: number): boolean {
  return skipSpaces(bytes, start, end) < end;
}

/** Index behind the word that begins at `start`. */
export function endOfWord(bytes: Uint8Array, start: number, end: number): number {
  while (start < end && bytes[start] !== space) start++;
  return start;
}

function isOneWord(bytes: Uint8Array, start: number, end: number): boolean {
  const from = skipSpaces(bytes, start, end);
  return from < end && endOfWord(bytes, from, end) === trimSpaces(bytes, from, end);
}

function beginsWith(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
