// Seeded damage to valid bytes: what a broken client, a confused proxy or an attacker might send.

import type { Random } from '@sluice/transport-memory';

/** Bytes that mean something to a parser. */
const telling = Buffer.from('\r\n\r\n\t :;,=/?%#*"\0\x7f\x80\xff0f-+A{}', 'latin1');

/** A damaged copy: one to three of flip, replace, insert, delete, repeat, cut, swap in a piece of another. */
export function mutate(random: Random, valid: Uint8Array, others: readonly Uint8Array[]): Buffer {
  let bytes: Buffer = Buffer.from(valid);
  for (let left = 1 + random.below(3); left > 0 && bytes.length > 0; left--) {
    const at = random.below(bytes.length);
    const before = bytes.subarray(0, at);
    switch (random.below(8)) {
      case 0:
        bytes[at] = bytes[at]! ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2:
        bytes[at] = telling[random.below(telling.length)]!;
        break;
      case 3:
        bytes = Buffer.concat([before, telling.subarray(random.below(telling.length)), bytes.subarray(at)]);
        break;
      case 4:
        bytes = Buffer.concat([before, bytes.subarray(at + 1 + random.below(8))]);
        break;
      case 5: {
        const piece = bytes.subarray(at, at + 1 + random.below(40));
        bytes = Buffer.concat([before, ...Array<Buffer>(1 + random.below(4)).fill(piece), bytes.subarray(at)]);
        break;
      }
      case 6:
        if (random.below(4) === 0) bytes = Buffer.from(before);
        break;
      default: {
        const other = others[random.below(others.length)]!;
        const from = random.below(other.length);
        bytes = Buffer.concat([before, other.subarray(from, from + 1 + random.below(30)), bytes.subarray(at + random.below(30))]);
      }
    }
  }
  return bytes;
}
