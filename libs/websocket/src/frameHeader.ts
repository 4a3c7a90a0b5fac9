// The head of a frame (RFC 6455, section 5.2): 2 bytes, then 0, 2 or 8 of extended length, then 4 of masking key if there is one.

/** Bits of the first byte. */
export const finBit = 0x80;
export const rsv1Bit = 0x40;
export const rsvBits = 0x70;
export const opcodeBits = 0x0f;
/** Bits of the second byte. */
export const maskBit = 0x80;
export const lengthBits = 0x7f;

/** The longest head there is. */
export const maxHeaderBytes = 14;
/** Every length above this is answered as this: beyond any limit, and still a small integer. */
export const lengthCeiling = 0x7fff_ffff;

/** Marks a length that does not use its shortest form. */
export const lengthNotMinimal = -1;
/** Marks a 63-bit length with the top bit set. */
export const lengthOutOfRange = -2;

/** How long the head is whose second byte this is. */
export function headerBytesOf(second: number): number {
  const short = second & lengthBits;
  const bytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  return (second & maskBit) === 0 ? bytes : bytes + 4;
}

/** How long the head of a frame with so many payload bytes is when it is written. */
export function headerBytesFor(payloadBytes: number, masked: boolean): number {
  const bytes = payloadBytes < 126 ? 2 : payloadBytes < 0x10000 ? 4 : 10;
  return masked ? bytes + 4 : bytes;
}

/** The payload length in the head at `bytes[at]`, `lengthCeiling` if it is more, or one of the two negative marks. */
export function readLength(bytes: Uint8Array, at: number): number {
  const short = bytes[at + 1] & lengthBits;
  if (short < 126) return short;
  if (short === 126) {
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    return length < 126 ? lengthNotMinimal : length;
  }
  if (bytes[at + 2] >= 0x80) return lengthOutOfRange;
  const high = readInt32(bytes, at + 2);
  const low = readInt32(bytes, at + 6);
  if (high !== 0 || low < 0) return lengthCeiling;
  return low < 0x10000 ? lengthNotMinimal : low;
}

/** The four bytes of a masking key as `applyMask` wants them: the first one lowest. */
export function readKey(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Writes first byte and length at `into[at]`, with `mask` 0 or `maskBit`. Answers where the head goes on. */
export function writeHeader(into: Uint8Array, at: number, first: number, mask: number, payloadBytes: number): number {
  into[at] = first;
  if (payloadBytes < 126) {
    into[at + 1] = mask | payloadBytes;
    return at + 2;
  }
  if (payloadBytes < 0x10000) {
    into[at + 1] = mask | 126;
    into[at + 2] = payloadBytes >>> 8;
    into[at + 3] = payloadBytes;
    return at + 4;
  }
  into[at + 1] = mask | 127;
  const high = Math.floor(payloadBytes / 0x1_0000_0000);
  writeInt32(into, at + 2, high);
  writeInt32(into, at + 6, payloadBytes);
  return at + 10;
}

/** Writes a masking key. */
export function writeKey(into: Uint8Array, at: number, key: number): void {
  into[at] = key;
  into[at + 1] = key >>> 8;
  into[at + 2] = key >>> 16;
  into[at + 3] = key >>> 24;
}

function writeInt32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
