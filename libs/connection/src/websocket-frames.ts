// Where frames end in a WebSocket's output (RFC 6455 section 5.2), for a connection whose output leaves in portions: a control
// frame may go between two frames, never inside one.

import type { Brigade } from '@sluice/brigade';

/**
 * How many bytes behind byte `cut` belong to the frame that is cut there; 0 when one begins there. A frame begins at byte
 * `start`. All of the frames is in memory.
 */
export function cutFrameBytes(output: Brigade, start: number, cut: number): number {
  let at = start;
  let index = 0;
  /** Where the bucket at `index` begins. */
  let begin = 0;
  const byteAt = (position: number): number => {
    while (position - begin >= output.at(index).length) begin += output.at(index++).length;
    const bucket = output.at(index);
    if (bucket.bytes === null) throw new Error('a WebSocket frame that is not in memory');
    return bucket.bytes[bucket.start + position - begin];
  };
  while (at < cut) {
    const second = byteAt(at + 1);
    let length = second & 0x7f;
    let header = second & 0x80 ? 6 : 2;
    if (length >= 126) {
      const extended = length === 126 ? 2 : 8;
      length = 0;
      for (let i = 0; i < extended; i++) length = length * 256 + byteAt(at + 2 + i);
      header += extended;
    }
    at += header + length;
  }
  return at - cut;
}
