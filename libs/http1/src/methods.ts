// Methods as strings, without making one for those everybody uses.

import { equals, latin1 } from './characters.ts';

const known = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE'];

/** The method in `text[0, end)`. */
export function internMethod(text: Uint8Array, end: number): string {
  for (const method of known) if (equals(text, 0, end, method)) return method;
  return latin1(text, 0, end);
}
