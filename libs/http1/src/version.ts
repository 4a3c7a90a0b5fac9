// HTTP-version = "HTTP" "/" DIGIT "." DIGIT (RFC 9112 2.3), one byte at a time.

import type { FailureCode } from './failure.ts';
import type { Scanner } from './scan.ts';

const prefix = 'HTTP/';

/** Matches from `scan.matched` on; 8 bytes make a version. Whether the major version is one that is spoken is for the caller to say, once the line goes on as it should. */
export function readVersion(scan: Scanner, bytes: Uint8Array, pos: number, end: number, malformed: FailureCode): number {
  for (; pos < end && scan.matched < 8; pos++, scan.matched++) {
    const byte = bytes[pos];
    const digit = byte - 48;
    switch (scan.matched) {
      case 5:
        if (digit < 0 || digit > 9) return scan.fail(malformed, pos);
        scan.majorVersion = digit;
        break;
      case 6:
        if (byte !== 46) return scan.fail(malformed, pos);
        break;
      case 7:
        if (digit < 0 || digit > 9) return scan.fail(malformed, pos);
        scan.messageHead.minorVersion = digit;
        break;
      default:
        if (byte !== prefix.charCodeAt(scan.matched)) return scan.fail(malformed, pos);
    }
  }
  return pos;
}
