// HTTP-version SP status-code SP [ reason-phrase ] CRLF (RFC 9112 4).

import { CR, LF, SP, fieldValue } from './characters.ts';
import { FieldState } from './field-lines.ts';
import type { Scanner } from './scan.ts';
import { readVersion } from './version.ts';

export const StatusLineState = { Version: 10, Code: 11, Reason: 12, Lf: 13 } as const;

const versionBytes = 8;

export function readStatusLine(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  while (pos < end) {
    switch (scan.state) {
      case StatusLineState.Version:
        if (scan.matched < versionBytes) {
          pos = readVersion(scan, bytes, pos, end, 'invalidStatusLine');
          break;
        }
        if (bytes[pos] !== SP) return scan.fail('invalidStatusLine', pos);
        if (scan.majorVersion !== 1) return scan.fail('unsupportedVersion', pos);
        pos++;
        scan.matched = 0;
        scan.state = StatusLineState.Code;
        break;
      case StatusLineState.Code:
        pos = readCode(scan, bytes, pos);
        break;
      case StatusLineState.Reason:
        pos = readReason(scan, bytes, pos, end);
        break;
      default:
        if (bytes[pos] !== LF) return scan.fail('bareCr', pos);
        scan.state = FieldState.FirstLine;
        return pos + 1;
    }
    if (scan.failure !== null) return pos;
  }
  return pos;
}

/** Three digits, the first of which is not 0, and the space after them. */
function readCode(scan: Scanner, bytes: Uint8Array, pos: number): number {
  const head = scan.responseHead;
  if (scan.matched === 3) {
    if (bytes[pos] !== SP) return scan.fail('invalidStatusLine', pos);
    head.reasonStart = pos + 1 + scan.shift;
    scan.state = StatusLineState.Reason;
    return pos + 1;
  }
  const digit = bytes[pos] - 48;
  if (digit < (scan.matched === 0 ? 1 : 0) || digit > 9) return scan.fail('invalidStatusLine', pos);
  head.status = head.status * 10 + digit;
  scan.matched++;
  return pos + 1;
}

function readReason(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  const stop = Math.min(end, scan.limits.maxFieldLineBytes - scan.shift);
  while (pos < stop && fieldValue[bytes[pos]] === 1) pos++;
  if (pos >= end) return end;
  const byte = bytes[pos];
  if (byte === CR) {
    scan.responseHead.reasonEnd = pos + scan.shift;
    scan.state = StatusLineState.Lf;
    return pos + 1;
  }
  if (fieldValue[byte] === 1) return scan.fail('fieldLineTooLong', pos);
  return scan.fail(byte === LF ? 'bareLf' : 'invalidStatusLine', pos);
}
