// Which fields a trailer section may not have (RFC 9110 6.5.1): those that frame, route, authenticate, or say how the
// content is to be read before it is read.

import { hashOf } from './characters.ts';
import type { Fields } from './fields.ts';

const forbidden = [
  'authorization', 'cache-control', 'connection', 'content-encoding', 'content-length', 'content-range', 'content-type',
  'cookie', 'expect', 'host', 'keep-alive', 'max-forwards', 'proxy-authorization', 'proxy-connection', 'range', 'set-cookie',
  'te', 'trailer', 'transfer-encoding', 'upgrade',
];
const byHash: ReadonlyMap<number, string> = new Map(forbidden.map((name) => [hashOf(name), name]));
const names: ReadonlySet<string> = new Set(forbidden);

export function hasForbiddenTrailer(fields: Fields): boolean {
  for (let index = 0; index < fields.count; index++) {
    const name = byHash.get(fields.hashAt(index));
    if (name !== undefined && fields.isNamed(index, name)) return true;
  }
  return false;
}

/** For what the caller sends; `name` in lower case. */
export function isForbiddenTrailer(name: string): boolean {
  return names.has(name);
}
