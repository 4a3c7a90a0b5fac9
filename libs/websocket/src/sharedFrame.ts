// A frame for many receivers: encoded once, into one shared bucket that every receiver's output refers to.
// A server's frames are not masked, so the same bytes are right for all of them.

import { reserveShared, type Bucket, type Pool } from '@sluice/brigade';
import { copyInto } from './copy.ts';
import type { Deflater } from './deflate.ts';
import { finBit, headerBytesFor, rsv1Bit, writeHeader } from './frameHeader.ts';
import type { MessageOpcode } from './opcodes.ts';

/**
 * One message as one frame, in a shared bucket with one reference, the caller's: hand it to `sendShared` of any number of
 * engines, then `release()` it. A text must be UTF-8.
 */
export function encodeSharedFrame(pool: Pool, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): Bucket {
  return frameOf(pool, finBit | opcode, bytes, start, end);
}

/**
 * The same, compressed (RFC 7692), for receivers that agreed to permessage-deflate with a server window of at least the deflater's.
 * The message is compressed with an empty window, whatever the deflater did before, so receivers that carry their window over can take
 * it as well. A message that does not shrink goes into a plain frame, which leaves every window as it is.
 */
export function encodeSharedDeflatedFrame(
  pool: Pool,
  deflater: Deflater,
  opcode: MessageOpcode,
  bytes: Uint8Array,
  start: number,
  end: number,
): Bucket {
  deflater.reset();
  const deflated = deflater.compress(bytes, start, end, true);
  if (deflated.length >= end - start) return frameOf(pool, finBit | opcode, bytes, start, end);
  return frameOf(pool, finBit | rsv1Bit | opcode, deflated, 0, deflated.length);
}

function frameOf(pool: Pool, first: number, bytes: Uint8Array, start: number, end: number): Bucket {
  const length = end - start;
  const frame = reserveShared(pool, headerBytesFor(length, false) + length);
  const into = frame.bytes as Uint8Array;
  copyInto(bytes, start, end, into, writeHeader(into, frame.start, first, 0, length));
  return frame;
}
