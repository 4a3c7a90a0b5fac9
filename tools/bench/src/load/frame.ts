// WebSocket frames as the load generator needs them (RFC 6455 §5.2): masked ones to send, and the length of what a
// server sends back. Frames are encoded before a run, never during one.

const finalBinary = 0x82;

/** Bytes of a frame's header before mask and payload. */
function headerBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 65_536 ? 4 : 10;
}

/** Length in bytes of an unmasked frame, which is what a server sends. */
export function serverFrameBytes(payloadBytes: number): number {
  return headerBytes(payloadBytes) + payloadBytes;
}

/** One masked binary message in one frame. `mask` is the four bytes of the masking key. */
export function encodeClientFrame(payload: Uint8Array, mask: readonly [number, number, number, number]): Buffer {
  const head = headerBytes(payload.length);
  const frame = Buffer.alloc(head + 4 + payload.length);
  frame[0] = finalBinary;
  if (head === 2) frame[1] = 0x80 | payload.length;
  else if (head === 4) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(payload.length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  frame.set(mask, head);
  for (let i = 0; i < payload.length; i++) frame[head + 4 + i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return frame;
}

/** `count` frames of `payloadBytes` each, back to back, to be written in one go. */
export function encodeBatch(payloadBytes: number, count: number): Buffer {
  const frame = encodeClientFrame(new Uint8Array(payloadBytes).fill(0x78), [0x37, 0xfa, 0x21, 0x3d]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}
