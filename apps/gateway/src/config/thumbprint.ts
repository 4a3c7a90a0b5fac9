// Thumbprints of certificates as people write them: 40 hexadecimal digits for SHA-1, 64 for SHA-256, in any case, with colons
// between pairs (as openssl prints them) or without.

/** The only syntax the gateway takes. */
export const thumbprintPattern: RegExp = /^[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){19}(?:(?::?[0-9A-Fa-f]{2}){12})?$/u;

/** Upper case, without colons: as a peer's certificate has it. */
export function canonicalThumbprint(text: string): string {
  return text.replaceAll(':', '').toUpperCase();
}
