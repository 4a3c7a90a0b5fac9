// Base64 (RFC 4648, section 4), of which the handshake needs only the encoding of a few bytes.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const three = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += alphabet[three >>> 18] + alphabet[(three >>> 12) & 63];
    text += at + 1 < bytes.length ? alphabet[(three >>> 6) & 63] : '=';
    text += at + 2 < bytes.length ? alphabet[three & 63] : '=';
  }
  return text;
}
