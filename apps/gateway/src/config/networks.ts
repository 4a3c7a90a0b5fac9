// Networks as people write them: one address, or a CIDR block (RFC 4632, RFC 4291 §2.3): `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.

import { isIP } from 'node:net';

/** What an editor can check by the JSON Schema; `isNetwork` is exact. */
export const networkPattern: RegExp = /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?=(?:[^:]*:){2})[0-9A-Fa-f:.]{2,45})(?:\/\d{1,3})?$/u;

export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  return bits === undefined || (/^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
