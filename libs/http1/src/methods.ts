// Methods as strings, without making one for those everybody uses.

import { equals, latin1 } from './characters.ts';

const known = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE'];

const knownMethods: ReadonlySet<string> = new Set(known);

/** Whether the method is one of RFC 9110 section 9.3, or PATCH (RFC 5789). A request with another is due 501 (RFC 9110 section 9.1). */
export function isKnownMethod(method: string): boolean {
  return knownMethods.has(method);
}

/** The method in `text[0, end)`. */
export function internMethod(text: Uint8Array, end: number): string {
  for (const method of known) if (equals(text, 0, end, method)) return method;
  return latin1(text, 0, end);
}
